"""Commands `techflow patents certificate accredit | issue | object | decide | verify | ...`."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from techflow.basics import InvalidInput
from techflow.patents.evaluation_register import FIRST
from techflow_service.cli.options import JSON
from techflow_service.scoring import write_rows
from techflow_service.valuing.certificates import (
    add_entry,
    certificate_rows,
    disperse,
    explain_fault,
    hash_file,
    read_content,
    read_object,
    verify_file,
)

PATH = click.Path(path_type=Path)
FILE = click.argument("file", type=PATH, help="One JSON object.")
REGISTER_FILE = click.argument("register", type=PATH, help="Register, JSON lines.")
REGISTER = click.option("--register", required=True, type=PATH, help="Register, JSON lines.")
ON = click.option(
    "--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Day the entry is made."
)
FAULTY = 1


@click.group("certificate")
def certificate() -> None:
    """Evaluation as a service: certificates in a register that shows every change."""


def _add(kind: str, content: dict[str, Any], register: Path, on: datetime) -> None:
    entry = add_entry(register, kind, content, on=on.date())
    told = {"entry_n": entry["entry_n"], "kind": kind, "entry_hash": entry["entry_hash"]}
    if kind == "certificate":
        told["certificate_hash"] = entry["content"]["certificate_hash"]
    click.echo(json.dumps(told))


@certificate.command("accredit")
@FILE
@REGISTER
@ON
def accredit(file: Path, *, register: Path, on: datetime) -> None:
    """Enter an evaluator: evaluator_id, accredited_by, methods, since, until (or null)."""
    _add("accreditation", read_object(file), register, on)


@certificate.command("issue")
@FILE
@REGISTER
@ON
@click.option("--model", type=PATH, help="File of the model; its SHA-256 becomes model_hash.")
def issue(file: Path, *, register: Path, on: datetime, model: Path | None) -> None:
    """Issue a certificate on a request, and print its hash.

    FILE has request (request_id, patent_id, requested_by, requested_on, purpose), evaluator_id,
    method, model_hash, inputs, result (value_cny is compared between evaluators), evaluated_on and,
    if it replaces one, supersedes. The evaluator must be accredited for the method on that day.
    """
    content = read_object(file)
    if model is not None:
        content["model_hash"] = hash_file(model)
    _add("certificate", content, register, on)


@certificate.command("object")
@FILE
@REGISTER
@ON
def object_(file: Path, *, register: Path, on: datetime) -> None:
    """Object: objection_id, certificate_hash, filed_by, filed_on, reason."""
    _add("objection", read_object(file), register, on)


@certificate.command("decide")
@FILE
@REGISTER
@ON
def decide(file: Path, *, register: Path, on: datetime) -> None:
    """Decide: objection_id, decided_by, decided_on, decision (upheld, rejected), reason."""
    _add("decision", read_object(file), register, on)


@certificate.command("verify")
@REGISTER_FILE
@click.option("--head", help="Hash of the last entry as noted elsewhere.")
@JSON
def verify(register: Path, *, head: str | None, as_json: bool) -> None:
    """Work out every hash again; exit code 1 if anything differs.

    Missing entries at the end, and a chain written anew, show only against --head: note the hash of
    the last entry where who keeps the register cannot change it.
    """
    entries, faults = verify_file(register, head=head)
    last = str(entries[-1].get("entry_hash")) if entries else FIRST
    words = read_content()
    told = [explain_fault(fault, words) for fault in faults]
    if as_json:
        click.echo(json.dumps({"entries_n": len(entries), "head": last, "faults": told}))
    else:
        for row in told:
            said = f"{row['code']}: {row['reason_zh']} / {row['reason_en']} {row['detail']}"
            click.echo(f"entry {row['entry_n']}: {said}".rstrip())
        click.echo(f"{len(entries):,} entries, {len(told):,} faults; head {last}")
    if told:
        sys.exit(FAULTY)


@certificate.command("dispersion")
@REGISTER_FILE
@click.option("--out", required=True, type=PATH, help="Folder for evaluations and patents.")
@JSON
def dispersion(register: Path, *, out: Path, as_json: bool) -> None:
    """How far evaluators of one patent lie apart: n, median, geometric spread, outliers.

    Certificates annulled or superseded do not count; of one evaluator the last does.
    """
    entries, faults = verify_file(register)
    if faults:
        raise InvalidInput(
            f"{register.name} has {len(faults)} faults; run `techflow patents certificate verify`"
        )
    compared, patents = disperse(certificate_rows(entries))
    write_rows(compared, out / "evaluations.parquet")
    write_rows(patents, out / "patents.parquet")
    outliers_n = int(patents["outliers_n"].sum())
    told = {"patents_n": patents.height, "evaluations_n": compared.height, "outliers_n": outliers_n}
    words = (
        f"{compared.height:,} evaluations of {patents.height:,} patents, {outliers_n:,} outliers; "
        f"wrote {out}"
    )
    click.echo(json.dumps({"out": str(out), **told}) if as_json else words)


SUBCOMMANDS: tuple[click.Command, ...] = (certificate,)
