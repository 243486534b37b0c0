"""Commands about cards: `techflow credit cards`, `credit train`, `credit score`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import polars as pl
from rich.console import Console

from techflow.basics import InvalidInput
from techflow.credit import GrowthCard, LossCard
from techflow_service.cards import (
    AnyCard,
    load_card,
    load_every_card,
    load_register,
    load_scale,
    read_recipe,
)
from techflow_service.cli.credit_drift import drift
from techflow_service.cli.credit_ecl import ecl
from techflow_service.cli.credit_equity import equity_pledge
from techflow_service.cli.credit_export import export
from techflow_service.cli.credit_overrides import overrides
from techflow_service.cli.credit_register import on_option, register, register_option
from techflow_service.cli.credit_validate import validate
from techflow_service.cli.options import JSON, read_day
from techflow_service.registering import describe_entry
from techflow_service.scoring import (
    read_rows,
    score_growth,
    score_losses,
    score_rows,
    write_rows,
)
from techflow_service.store import Store
from techflow_service.training.growth import train_growth
from techflow_service.training.loss import train_losses
from techflow_service.training.train import train_card, write_fitted
from techflow_service.training.trees import train_trees

CARD = click.argument("card_id", metavar="CARD", help="Id of a card; `credit cards` lists them.")

FITS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "trees": train_trees,
    "two-part": train_losses,
    "quantiles": train_growth,
}
"""How each learner of raw rows is fitted."""


@click.group("credit")
def credit() -> None:
    """Cards: what they are, fitting them, scoring a file with one."""


@credit.command("cards")
@JSON
def cards(as_json: bool) -> None:
    """List the cards: population, target, error with intervals, limits."""
    found = [describe_card(card) for card in load_every_card()]
    click.echo(json.dumps(found) if as_json else "\n\n".join(map(_render_card, found)))


@credit.command("train")
@CARD
@click.option(
    "--store", type=click.Path(path_type=Path), help="Store with the data to fit a card of lines."
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="Raw rows to fit a card of trees, losses or growth: .csv, .csv.gz, .parquet or .arff.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for fitted.json; without it, fitted/CARD here.",
)
@JSON
def train(
    card_id: str, store: Path | None, source: Path | None, out: Path | None, as_json: bool
) -> None:
    """Fit CARD, measure its error, and write fitted.json, the model card.

    A card of lines is fitted on a store (--store), a card of trees on a file of raw rows
    (--from). Needs the extra `train`. The same data give the same file.
    """
    # A status line shows on a terminal only.
    with Console(stderr=True).status(f"fitting {card_id} and measuring its error") as status:
        fitted = fit_card(card_id, store, source, lambda step: status.update(f"{card_id}: {step}"))
    path = (out or Path("fitted") / card_id) / "fitted.json"
    write_fitted(fitted, path)
    if as_json:
        click.echo(json.dumps({"card": card_id, "fitted": str(path), "metrics": fitted["metrics"]}))
        return
    click.echo(f"{card_id}: {_render_size(fitted['sample'])}")
    click.echo("\n".join(_render_metrics(fitted["metrics"])))
    click.echo(f"wrote {path}; use it with techflow credit score {card_id} FILE --fitted {path}")


@credit.command("score")
@CARD
@click.argument(
    "file",
    type=click.Path(path_type=Path),
    help="Raw rows or profiles: .csv, .csv.gz, .parquet, .arff.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Result, .parquet or .csv."
)
@click.option(
    "--fitted",
    type=click.Path(path_type=Path),
    help="A fitted.json of your own instead of the one that comes with the card.",
)
@click.option("--explain", is_flag=True, help="Add what moved each firm most, in zh and en.")
@on_option
@register_option
@JSON
def score(
    card_id: str,
    file: Path,
    *,
    out: Path,
    fitted: Path | None,
    explain: bool,
    on: str | None,
    own: Path | None,
    as_json: bool,
) -> None:
    """Score FILE with CARD: one row out per row in, in the same order.

    FILE is .csv, .csv.gz, .parquet or .arff with the raw rows of the card's set, or with the
    features of the card (such as profile.parquet of an assessment). `pd` is null where `reason`
    says why. A card that is retired on the day is refused; one that nobody has approved is
    used and marked.
    """
    card, day = load_card(card_id, fitted=fitted), read_day(on)
    entry = load_register(own)[card_id]
    entry.require_in_use(day)
    standing = describe_entry(entry, card, day)
    if isinstance(card, LossCard | GrowthCard):
        if explain:
            raise InvalidInput(
                f"card {card_id} tells a span and has no reasons; leave --explain out"
            )
        raw = read_rows(file)
        rows = score_losses(raw, card) if isinstance(card, LossCard) else score_growth(raw, card)
        write_rows(rows, out)
        counts = {"card": card_id, "out": str(out)} | _count_spans(rows) | {"register": standing}
        click.echo(json.dumps(counts) if as_json else _render_spans(counts))
        return
    rows = score_rows(read_rows(file), card, load_scale(), explain=explain)
    write_rows(rows, out)
    counts = {
        "card": card_id,
        "out": str(out),
        "rows_n": rows.height,
        "scored_n": rows["pd"].count(),
        "refused": _count(rows, "reason"),
        "grades": _count(rows, "grade"),
        "register": standing,
    }
    click.echo(json.dumps(counts) if as_json else _render_counts(counts))


def fit_card(
    card_id: str, store: Path | None, source: Path | None, say: Callable[[str], None]
) -> dict[str, Any]:
    """Fit a card on what it is fitted on.

    Raises:
        InvalidInput: The option this card needs was not given.
    """
    recipe = read_recipe(card_id)
    learner = recipe["fit"].get("learner", "lines")
    if learner != "lines":
        if source is None:
            raise InvalidInput(
                f"card {card_id} is fitted on raw rows of {recipe['fit']['sample']}; "
                f"run techflow credit train {card_id} --from FILE"
            )
        return FITS[learner](recipe, read_rows(source), say=say)
    if store is None:
        raise InvalidInput(
            f"card {card_id} is fitted on a store; run techflow credit train {card_id} --store DIR"
        )
    return train_card(card_id, Store.open(store).snapshot())


def describe_card(card: AnyCard) -> dict[str, Any]:
    """A card as plain values, for machines and for the list."""
    return {
        "id": card.id,
        "hash": card.hash,
        "label": card.label.en,
        "kind": "predicts" if card.predicts else "classifies, does not predict",
        "population": card.population.en,
        "target": card.target.en,
        "use": card.use.en,
        "limits": card.limits.en,
        "features": [feature.name for feature in card.features],
        "sample": card.fitted["sample"],
        "metrics": card.fitted["metrics"],
    }


def _render_card(card: Mapping[str, Any]) -> str:
    sample = card["sample"]
    head = f"{card['id']} ({card['kind']}; {card['hash']})"
    lines = [f"  {name:<11}{card[name]}" for name in ("population", "target", "use", "limits")]
    features = f"  {'features':<11}{', '.join(card['features'])}"
    return "\n".join(
        [
            head,
            *lines,
            features,
            f"  sample     {_render_size(sample)}",
            *_render_metrics(card["metrics"]),
        ]
    )


def _render_size(sample: Mapping[str, Any]) -> str:
    size = f"{sample['rows_n']:,} rows, {sample['firms_n']:,} firms"
    return f"{size}, {sample['events_n']} events" if "events_n" in sample else size


def _render_metrics(metrics: list[dict[str, Any]]) -> list[str]:
    lines, wide = [], max(14, *(len(metric["name"]) + 2 for metric in metrics))
    for metric in metrics:
        span = f" [{metric['low']:.3f}, {metric['high']:.3f}]" if "low" in metric else ""
        how = metric["how"].rpartition(" / ")[2]
        lines.append(f"  {metric['name']:<{wide}}{metric['value']:.3f}{span:<16}  {how}")
    return lines


def _count(rows: pl.DataFrame, name: str) -> dict[str, int]:
    known = rows.filter(pl.col(name).is_not_null())
    return dict(known[name].value_counts(sort=True).iter_rows())


def _count_spans(rows: pl.DataFrame) -> dict[str, Any]:
    silent = rows["reason"].count()
    refused = _count(rows, "reason")
    return {"rows_n": rows.height, "scored_n": rows.height - silent, "refused": refused}


def _render_spans(counts: Mapping[str, Any]) -> str:
    head = f"{counts['card']}: {counts['rows_n']:,} rows, {counts['scored_n']:,} scored"
    standing = _render_standing(counts["register"])
    return "\n".join([head, *_render_refused(counts), f"{standing}wrote {counts['out']}"])


def _render_refused(counts: Mapping[str, Any]) -> list[str]:
    return [f"  not scored: {why} {n:,}" for why, n in counts["refused"].items()]


def _render_counts(counts: Mapping[str, Any]) -> str:
    ranked = sorted(counts["grades"].items(), key=lambda item: (len(item[0]), item[0]))
    grades = "  grades: " + (", ".join(f"{name} {n:,}" for name, n in ranked) or "none")
    head = f"{counts['card']}: {counts['rows_n']:,} rows, {counts['scored_n']:,} scored"
    standing = _render_standing(counts["register"])
    return "\n".join([head, grades, *_render_refused(counts), f"{standing}wrote {counts['out']}"])


def _render_standing(standing: Mapping[str, Any]) -> str:
    """A line that marks a card that is not approved; nothing for one that is."""
    if standing["status"] == "approved":
        return ""
    remark = standing["remark"]
    return f"  {standing['status_en']}: {remark['en']} / {standing['status_zh']}：{remark['zh']}\n"


credit.add_command(validate)
credit.add_command(drift)
credit.add_command(ecl)
credit.add_command(equity_pledge)
credit.add_command(overrides)
credit.add_command(register)
credit.add_command(export)
COMMANDS: tuple[click.Command, ...] = (credit,)
