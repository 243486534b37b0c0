"""`techflow credit drift CARD BEFORE AFTER`: what moved between two files, and why."""

from pathlib import Path

import click
from rich.console import Console

from techflow.basics import InvalidInput
from techflow.credit import GrowthCard, LossCard
from techflow_service.cards import load_card, load_scale
from techflow_service.scoring import read_rows
from techflow_service.validating.drift import compare_samples
from techflow_service.validating.drift_page import drift_json, render_drift
from techflow_service.validating.drift_words import find_words

PATH = click.Path(path_type=Path)


@click.command("drift")
@click.argument("card_id", metavar="CARD", help="Id of a card; `credit cards` lists them.")
@click.argument("before", type=PATH, help="Rows of the first day: raw rows or profiles.")
@click.argument("after", type=PATH, help="Rows of the second day.")
@click.option("--out", required=True, type=PATH, help="Folder for the two files.")
def drift(card_id: str, before: Path, after: Path, out: Path) -> None:
    """Say what moved between two files scored with CARD: drift.html (zh and en) and drift.json.

    PSI of the score and CSI of each input with their chance under no change; what each input did
    to the mean score, adding up exactly; shares outside the domain and unknown; AUC and
    calibration where both files hold outcomes (needs the extra `train`).
    """
    card = load_card(card_id)
    if isinstance(card, LossCard | GrowthCard):
        told = "loss rates" if isinstance(card, LossCard) else "growth"
        raise InvalidInput(f"{card_id} tells {told}; drift is for cards with a score")
    with Console(stderr=True).status(f"comparing with {card_id}") as status:
        found = compare_samples(
            read_rows(before),
            read_rows(after),
            card,
            load_scale(),
            say=lambda step: status.update(step),
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / "drift.html").write_text(render_drift(found), "utf8")
    (out / "drift.json").write_text(drift_json(found) + "\n", "utf8")
    sizes = found["before"]["scored_n"], found["after"]["scored_n"]
    findings = [f"  {words.en} / {words.zh}" for words in find_words(found)]
    click.echo(
        "\n".join(
            [
                f"{card_id}: {sizes[0]:,} rows scored before, {sizes[1]:,} after",
                *findings,
                f"wrote {out / 'drift.html'} and drift.json",
            ]
        )
    )
