"""`techflow credit validate CARD DATA`: a report a stranger can read, and its figures."""

from pathlib import Path

import click
from rich.console import Console

from techflow.basics import InvalidInput
from techflow.credit import GrowthCard, LossCard
from techflow_service.cards import load_card, load_scale
from techflow_service.scoring import read_rows
from techflow_service.validating.measure import validate_card
from techflow_service.validating.page import render, to_json


@click.command("validate")
@click.argument("card_id", metavar="CARD", help="Id of a card; `credit cards` lists them.")
@click.argument("data", type=click.Path(path_type=Path), help="Raw rows of its set, with labels.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for the two files."
)
def validate(card_id: str, data: Path, out: Path) -> None:
    """Validate CARD on DATA: validation.html (zh and en, with plots) and validation.json.

    DATA holds raw rows of the card's set with labels, or the card's features and a column
    `event`. Needs the extra `train`.
    """
    card = load_card(card_id)
    if isinstance(card, LossCard | GrowthCard):
        told = "loss rates" if isinstance(card, LossCard) else "growth"
        raise InvalidInput(f"{card_id} tells {told}, not events; its error is in credit cards")
    with Console(stderr=True).status(f"validating {card_id}") as status:
        found = validate_card(
            read_rows(data), card, load_scale(), say=lambda step: status.update(step)
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / "validation.html").write_text(render(found), "utf8")
    (out / "validation.json").write_text(to_json(found) + "\n", "utf8")
    power, calibration = found["discrimination"], found["calibration"]
    click.echo(
        f"{card_id}: {found['scored_n']:,} rows, {found['events_n']:,} events; "
        f"AUC {power['auc']:.3f} ({power['auc_low']:.3f}-{power['auc_high']:.3f}); "
        f"observed {calibration['observed_rate']:.2%}, "
        f"expected {calibration['expected_rate']:.2%}\n"
        f"wrote {out / 'validation.html'} and validation.json"
    )
