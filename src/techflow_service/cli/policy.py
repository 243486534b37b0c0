"""Commands about policies: who qualifies, why, what is missing, and what a draft would change."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from techflow.basics import InvalidInput
from techflow.flow import decide_policies, facts_of, find_law, rules_on
from techflow.policy import Law, explain, to_sql
from techflow_service.cli.options import JSON, LANG, read_day
from techflow_service.cli.policy_experiment import experiment
from techflow_service.judging import (
    ENGINES,
    Lang,
    Task,
    compare_with_draft,
    describe_laws,
    describe_one,
    find_firm,
    judge_file,
    tell_comparison,
    tell_gaps,
    tell_laws,
    tell_summary,
)
from techflow_service.policies import load_draft, load_laws, titles_of

FILE = click.Path(path_type=Path)
DIALECTS = ("duckdb", "postgres", "spark")
ID = click.argument("policy_id", metavar="ID", help="A policy; `policy list` shows them.")
FIRMS = click.argument(
    "firms", type=FILE, help="Firms, .parquet or .csv: firm_id and one column per fact."
)
ON = click.option("--on", required=True, help="Legal date, such as 2024-06-30.")
ON_OR_TODAY = click.option("--on", help="Legal date, such as 2024-06-30; today if left out.")
FIRM = click.option("--firm", required=True, help="firm_id of the firm.")


@click.group("policy")
def policy() -> None:
    """Law as data: who qualifies on a day, with reasons, gaps and what-ifs."""


@policy.command("list")
@ON_OR_TODAY
@JSON
def list_policies(on: str | None, as_json: bool) -> None:
    """List the policies: text in force, since when, and how sure we are of it."""
    day = read_day(on)
    found = describe_laws(load_laws(), day)
    click.echo(_json(found) if as_json else tell_laws(found, day))


@policy.command("show")
@ID
@ON_OR_TODAY
@LANG
def show(policy_id: str, on: str | None, lang: Lang) -> None:
    """Show one policy on a day: its conditions in words, each with its clause and mark."""
    laws = load_laws()
    law = find_law(laws, policy_id)
    click.echo(describe_one(law, law.on(read_day(on)), lang, titles=titles_of(laws)))


@policy.command("evaluate")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, help="Policies, or `all`.")
@FIRMS
@click.option("--on", help="Legal date for all rows, such as 2024-06-30.")
@click.option("--on-column", help="Column with the legal date of each row.")
@click.option(
    "--engine",
    type=click.Choice(list(ENGINES)),
    default="polars",
    show_default=True,
    help="Who computes; each reads files larger than memory and gives the same answers.",
)
@click.option("--out", required=True, type=FILE, help="Result, .parquet or .csv.")
@click.option("--long", is_flag=True, help="One row per firm and policy; tests in a second file.")
@JSON
def evaluate(
    ids: tuple[str, ...],
    firms: Path,
    *,
    on: str | None,
    on_column: str | None,
    engine: str,
    out: Path,
    long: bool,
    as_json: bool,
) -> None:
    """Judge every firm of FIRMS by the policies ID...: yes, no or unknown, test by test.

    A fact without a column is unknown; the summary names it. With `all`: every policy (in force
    on the day, with --on).
    """
    if (on is None) == (on_column is None):
        raise InvalidInput("give either --on DAY or --on-column COLUMN")
    laws, when = load_laws(), read_day(on) if on_column is None else on_column
    task = Task(laws, _ids(laws, ids, when), when)
    with _status("judging"):
        summary = judge_file(firms, out, task, engine=engine, long=long)
    click.echo(_json(summary) if as_json else tell_summary(summary))


@policy.command("explain")
@ID
@FIRMS
@FIRM
@ON
@LANG
def explain_one(policy_id: str, firms: Path, *, firm: str, on: str, lang: Lang) -> None:
    """Say for one firm of FIRMS which tests of ID it meets, with number, bound and clause."""
    laws, day = load_laws(), read_day(on)
    facts = find_firm(firms, facts_of(laws, [policy_id], on=day), firm)
    for decision in decide_policies(facts, laws, [policy_id], on=day):
        click.echo("\n".join(explain(decision, lang, titles=titles_of(laws))))


@policy.command("gaps")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, help="Policies, or `all`.")
@FIRMS
@FIRM
@ON
@LANG
def gaps(ids: tuple[str, ...], firms: Path, *, firm: str, on: str, lang: Lang) -> None:
    """Say what one firm of FIRMS lacks for each ID, by how much, and the cheapest way there."""
    laws, day = load_laws(), read_day(on)
    chosen = _ids(laws, ids, day)
    facts = find_firm(firms, facts_of(laws, chosen, on=day), firm)
    decisions = decide_policies(facts, laws, chosen, on=day)
    titles = titles_of(laws)
    told = ("\n".join(tell_gaps(decision, lang, titles=titles)) for decision in decisions)
    click.echo("\n\n".join(told))


@policy.command("what-if")
@ID
@click.argument("draft", type=FILE, help="Folder of the draft: rule.py and params.toml.")
@FIRMS
@ON
@click.option("--by", help="Columns to count by, with commas: region_code,sector.")
@click.option(
    "--out", type=FILE, help="Also each firm's answers before and after, .parquet or .csv."
)
@JSON
def what_if(
    policy_id: str,
    draft: Path,
    firms: Path,
    *,
    on: str,
    by: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Count who of FIRMS gains and who loses if DRAFT replaces ID as in force on a day.

    The draft counts as it finally stands, from its last day of change.
    """
    laws, day = load_laws(), read_day(on)
    new = load_draft(draft, find_law(laws, policy_id))
    columns = [name.strip() for name in (by or "").split(",") if name.strip()]
    with _status("judging by both"):
        found = compare_with_draft(firms, laws, new, on=day, by=columns, out=out)
    click.echo(_json(found) if as_json else tell_comparison(found))


@policy.command("sql")
@ID
@click.option(
    "--dialect",
    type=click.Choice(DIALECTS),
    default="duckdb",
    show_default=True,
    help="Which SQL.",
)
@ON
@click.option("--table", default="firms", show_default=True, help="Table with firm_id and facts.")
def sql(policy_id: str, dialect: Any, *, on: str, table: str) -> None:
    """Print one SELECT that judges a table of firms by ID, with the same answers."""
    rules = rules_on(load_laws(), [policy_id], on=read_day(on))
    click.echo(to_sql(rules, dialect=dialect, table=table))


def _ids(laws: Mapping[str, Law], ids: tuple[str, ...], when: date | str) -> list[str]:
    """The ids, each once; `all` stands for every policy, in force on the day if there is one."""
    if ids != ("all",):
        return list(dict.fromkeys(ids))
    if isinstance(when, str):
        return sorted(laws)
    return [entry["id"] for entry in describe_laws(laws, when) if entry["in_force"]]


def _status(text: str) -> Any:
    # A status line shows on a terminal only.
    return Console(stderr=True).status(text)


def _json(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False)


policy.add_command(experiment)
COMMANDS: tuple[click.Command, ...] = (policy,)
