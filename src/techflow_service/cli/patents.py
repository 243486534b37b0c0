"""Commands about patents: `techflow patents score`, `patents train`."""

import json
from pathlib import Path

import click
import polars as pl
from rich.console import Console

from techflow.basics import InvalidInput
from techflow.patents import CitationCard, score_citations
from techflow_service.cli import (
    patents_certificate,
    patents_portfolio,
    patents_records,
    patents_register,
    patents_value,
)
from techflow_service.models import MODELS
from techflow_service.scoring import read_rows, write_rows
from techflow_service.training.citations import numbers_of, read_documents, train_citations

CITATIONS = "cn-citations"
CARD = click.argument("card_id", metavar="CARD", help=f"Id of a card: {CITATIONS}.")
NO_TEXT = "标题或摘要缺失 / no title or abstract"


@click.group("patents")
def patents() -> None:
    """Patents: scoring documents, fitting the card; value, pledge, register, evaluation."""


def _require_card(card_id: str) -> None:
    if card_id != CITATIONS:
        raise InvalidInput(f"no patent card {card_id}; there is {CITATIONS}")


def load_citation_card() -> CitationCard:
    """The card of forward citations that comes with the installation."""
    path = MODELS / "cn_citations" / "fitted.json"
    return CitationCard.from_data(json.loads(path.read_text("utf8")))


def score_documents(raw: pl.DataFrame, card: CitationCard) -> pl.DataFrame:
    """Expected citations of raw documents: one row out per row in, same order."""
    documents = read_documents(raw)
    expected, chance = score_citations(numbers_of(documents), documents["text"].to_list(), card)
    known = pl.col("text").is_not_null()
    return documents.select(
        "title",
        expected_citations=pl.when(known).then(pl.Series(expected)),
        p_two_or_more=pl.when(known).then(pl.Series(chance)),
        reason=pl.when(~known).then(pl.lit(NO_TEXT)),
    )


@patents.command("score")
@CARD
@click.argument(
    "file", type=click.Path(path_type=Path), help="Raw documents: .csv, .csv.gz or .parquet."
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Result, .parquet or .csv."
)
def score(card_id: str, file: Path, out: Path) -> None:
    """Score FILE with CARD: one row out per row in, in the same order.

    An invention is published as an application and as a granted patent: keep both rows, for
    documents of one title in FILE are compared. Order of rows means nothing.
    `expected_citations` and `p_two_or_more` are null where `reason` says why. How long each
    document has been open to citation is unknown, so both speak of the set's own mixture.
    """
    _require_card(card_id)
    found = score_documents(read_rows(file), load_citation_card())
    write_rows(found, out)
    scored_n = found["p_two_or_more"].count()
    click.echo(f"{card_id}: {found.height:,} rows, {scored_n:,} scored\nwrote {out}")


@patents.command("train")
@CARD
@click.option(
    "--from",
    "source",
    required=True,
    type=click.Path(path_type=Path),
    help="Raw documents with forward citations.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for fitted.json (default fitted/CARD).",
)
def train(card_id: str, source: Path, out: Path | None) -> None:
    """Fit CARD on documents, measure its error on unseen titles, and write fitted.json.

    Needs the extra `train`; takes about a minute. The same file gives the same card.
    """
    _require_card(card_id)
    with Console(stderr=True).status(f"fitting {card_id}") as status:
        fitted = train_citations(
            read_rows(source), say=lambda step: status.update(f"{card_id}: {step}")
        )
    path = (out or Path("fitted") / card_id) / "fitted.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in fitted.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf8")
    metrics = {kind: round(found["auc"], 4) for kind, found in fitted["metrics"].items()}
    click.echo(f"{card_id}: {fitted['sample']['rows_n']:,} documents; AUC {metrics}\nwrote {path}")


PARTS = (
    patents_value,
    patents_portfolio,
    patents_records,
    patents_register,
    patents_certificate,
)
for part in PARTS:
    for subcommand in part.SUBCOMMANDS:
        patents.add_command(subcommand)

COMMANDS: tuple[click.Command, ...] = (patents,)
