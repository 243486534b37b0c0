"""`techflow credit overrides FILE`: grades given by people, applied and counted."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from techflow_service import clock
from techflow_service.cli.options import JSON
from techflow_service.overriding import override_assessment
from techflow_service.scoring import write_rows
from techflow_service.validating.override_page import render_overrides

PATH = click.Path(path_type=Path)


@click.command("overrides")
@click.argument("file", type=PATH, help="Rows of the table override: .csv, .xlsx, .parquet.")
@click.option(
    "--assessment", required=True, type=PATH, help="The assessment.parquet that is overridden."
)
@click.option("--out", required=True, type=PATH, help="Folder for the results.")
@click.option("--outcomes", type=PATH, help="firm_id and event (1 default, 0 none) of the firms.")
@JSON
def overrides(
    file: Path, *, assessment: Path, out: Path, outcomes: Path | None, as_json: bool
) -> None:
    """Apply the overrides in FILE to an assessment and say how often, which way, why and by whom.

    FILE has the columns of the table `override` of the dictionary. Writes
    assessment_final.parquet (every firm with the model's grade, grade_final and the override),
    quarantine.csv (overrides that do not count, with reasons in zh and en), overrides.html (zh
    and en) and overrides.json.
    With --outcomes also the default rates of firms overridden and not, with Jeffreys intervals
    (needs the extra `train`).
    """
    found = override_assessment(file, assessment, moment=clock.now(), outcomes=outcomes)
    write_rows(found.assessment, out / "assessment_final.parquet")
    write_rows(found.quarantine, out / "quarantine.csv")
    text = json.dumps(found.told, ensure_ascii=False, indent=1)
    (out / "overrides.json").write_text(text + "\n", "utf8")
    (out / "overrides.html").write_text(render_overrides(found.told), "utf8")
    if as_json:
        click.echo(json.dumps(found.told | {"out": str(out)}, ensure_ascii=False))
    else:
        click.echo("\n".join([*_render(found.told), f"wrote {out}"]))


def _render(told: Mapping[str, Any]) -> list[str]:
    rate = "" if told["rate"] is None else f" ({told['rate']:.1%})"
    lines = [
        f"{told['rows_n']:,} overrides: {told['in_force_n']:,} in force, "
        f"{told['superseded_n']:,} superseded, {told['refused_n']:,} refused",
        f"{told['overridden_n']:,} of {told['graded_n']:,} graded firms overridden{rate}: "
        f"{told['up_n']:,} up, {told['down_n']:,} down, {told['approved_n']:,} with approval",
    ]
    for title, name in (("reason / 原因", "by_reason"), ("officer / 调整人", "by_officer")):
        lines += [f"  {title}: {_label(row)} {_counts(row)}" for row in told[name]]
    lines += [
        f"  refused / 隔离: {row['reason_en']} / {row['reason_zh']} {row['rows_n']:,}"
        for row in told["problems"]
    ]
    for row in (told["outcomes"] or {"groups": []})["groups"]:
        expected = "" if row["mean_pd"] is None else f", mean PD {row['mean_pd']:.2%}"
        lines.append(
            f"  default rate / 违约率: {_label(row)} {row['events_n']:,} of {row['firms_n']:,}, "
            f"{row['observed']:.2%} ({row['low']:.2%}-{row['high']:.2%}){expected}"
        )
    return lines


def _label(row: Mapping[str, Any]) -> str:
    label = row["label"]
    return label["en"] if label["en"] == label["zh"] else f"{label['en']} / {label['zh']}"


def _counts(row: Mapping[str, Any]) -> str:
    return f"{row['overridden_n']:,} ({row['up_n']:,} up, {row['down_n']:,} down)"
