"""Files of an experiment. Needs the extra `simulate`."""

from pathlib import Path
from typing import Any

import polars as pl

from techflow_service.assessing.content import write_json
from techflow_service.experimenting.asking import Experiment
from techflow_service.experimenting.page import render_experiment
from techflow_service.experimenting.running import run_experiment
from techflow_service.experimenting.telling import ALL, gain_rows, party_rows, step_rows
from techflow_service.scoring import write_rows

SHOWN = ("loans_n", "saved_cny", "public_cny")


def write_experiment(asked: Experiment, out: Path) -> dict[str, Any]:
    """Run an experiment and write experiment.html, .json and its tables; what it comes to.

    Args:
        asked: What to run.
        out: Folder; made if it is not there.
    """
    found = run_experiment(asked)
    steps, parties = step_rows(found), party_rows(found)
    whole = steps.filter(pl.col("region_code") == ALL).to_dicts()
    told = {**found.told, "out": str(out), "steps": whole, "parties": parties.to_dicts()}
    out.mkdir(parents=True, exist_ok=True)
    found.firms.write_parquet(out / "firms.parquet")
    write_rows(steps, out / "regions.csv")
    write_rows(gain_rows(found), out / "gains.csv")
    write_rows(parties, out / "parties.csv")
    write_json(out / "experiment.json", told)
    (out / "experiment.html").write_text(render_experiment(found, asked), "utf8")
    return told


def tell_experiment(told: dict[str, Any], lang: str) -> str:
    """What an experiment comes to, in words."""
    zh = lang == "zh"
    n, steps = told["change_n"], {row["measure"]: row for row in told["steps"]}
    lines = [
        told["zh"] if zh else told["en"],
        f"付得更少{n['cheaper']:,}户，更多{n['dearer']:,}户，不变{n['same']:,}户，无法判断{n['open']:,}户"
        if zh
        else f"{n['cheaper']:,} firms pay less, {n['dearer']:,} more, {n['same']:,} the same, "
        f"{n['open']:,} cannot be told",
    ]
    names = {
        "loans_n": ("多发放贷款（笔）", "more loans"),
        "saved_cny": ("前后都借款的企业少付（元/年）", "saved by borrowers, yuan a year"),
        "public_cny": ("公共资金多付（元/年）", "public purse pays more, yuan a year"),
    }
    for name in SHOWN:
        row, label = steps[name], names[name][0 if zh else 1]
        colon = "：" if zh else ": "
        lines.append(
            f"{label}{colon}{row['value']:+,.0f} ({row['low']:+,.0f} – {row['high']:+,.0f})"
        )
    lines.append(f"{'已写入' if zh else 'wrote'} {told['out']}/experiment.html")
    return "\n".join(lines)
