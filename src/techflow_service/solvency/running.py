"""Simulating a scheme over a book and telling what it comes to."""

import hashlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
import polars as pl

from techflow import __version__
from techflow.basics import Floats, InvalidInput
from techflow.basics.canonical import canonical_json
from techflow.flow.solvency_book import (
    Book,
    Integers,
    Outcome,
    Run,
    World,
    renew_book,
    watched_party,
)
from techflow.flow.solvency_figures import (
    FEN,
    exposure_years,
    fair_fees,
    histogram,
    party_risks,
    party_tail,
    sector_shares,
    year_rows,
)
from techflow.pool import Events, Flows, Rules, Scheme, build_rules
from techflow.portfolio.measures import Estimate, Tail, TailRisk, tail_scenarios
from techflow.pricing import Term
from techflow_service.scheme_telling import describe_scheme
from techflow_service.solvency.reading import PROBLEMS, Opened, read_assumed, read_book
from techflow_service.splitting.wording import PROBLEM_WORDS

FIRMS_N = 20
NOT_HERE = ("purse_rate_pa", "bank_loss_rate_pa_max", "emptied_share_max")
WORDS = {**PROBLEM_WORDS, **PROBLEMS}


class Engine(Protocol):
    """What of the compiled simulation is used here."""

    def simulate_pool(
        self, book: Book, rules: Rules, world: World, run: Run, *, watched: int
    ) -> Outcome:
        """See `techflow.flow.solvency`."""

    def replays(
        self, book: Book, rules: Rules, world: World, run: Run, scenarios: Integers
    ) -> Iterator[tuple[Events, Flows]]:
        """See `techflow.flow.solvency`."""


class Asked(NamedTuple):
    """What to simulate.

    Attributes:
        on: Legal date.
        run: Years, scenarios, seed.
        renew: File the book again each year.
        given: Assumptions said by the user; None keeps the content.
    """

    on: date
    run: Run
    renew: bool
    given: Mapping[str, float | None]


def find_engine(name: str = "solvency") -> Any:
    """The compiled simulation.

    Args:
        name: Module of `techflow.flow`.

    Raises:
        InvalidInput: Numba is not installed.
    """
    try:
        return importlib.import_module(f"techflow.flow.{name}")
    except ImportError as error:
        raise InvalidInput("a simulation needs Numba; install techflow[simulate]") from error


def find_loadings() -> Callable[..., Floats]:
    """`sector_region_loadings`, which lives beside compiled code."""
    find_engine()
    found = importlib.import_module("techflow.portfolio.factors").sector_region_loadings
    return cast(Callable[..., Floats], found)


def settle_assumed(asked: Asked) -> dict[str, Term]:
    """Assumptions in force, the user's own in place of the content's.

    Args:
        asked: What to simulate.
    """
    assumed = read_assumed(asked.on)
    for name, value in asked.given.items():
        if value is not None:
            own = assumed[name]
            said = "用户指定 / said by the user"
            assumed[name] = Term(name, asked.on, value, own.unit, said, "proposal", own.zh, own.en)
    return assumed


def build_world(opened: Opened, assumed: Mapping[str, Term]) -> World:
    """How the firms of a book hang together.

    Args:
        opened: The book.
        assumed: Assumptions.
    """
    sectors_n, between = len(opened.sectors), float(assumed["sector_correlation"].value)
    correlation = np.full((sectors_n, sectors_n), between) + (1.0 - between) * np.eye(sectors_n)
    loading = find_loadings()(
        correlation,
        asset_correlation=np.full(sectors_n, float(assumed["asset_correlation"].value)),
        region_share=float(assumed["region_share"].value),
        regions_n=opened.regions_n,
    )
    own = {name: float(assumed[name].value) for name in ("persistence", "lgd_spread")}
    return World(loading, **own, lgd_factor_share=float(assumed["lgd_factor_share"].value))


def simulate_file(path: Path, scheme: Scheme, asked: Asked) -> tuple[dict[str, Any], pl.DataFrame]:
    """Simulate the book of a file.

    Args:
        path: The book.
        scheme: Settled on the day.
        asked: What to simulate.

    Returns:
        What it comes to, ready for JSON, and the scenarios, one row each.

    Raises:
        InvalidInput: The file or an assumption cannot be used, or Numba is not installed.
        MissingColumn: A column is absent.
    """
    engine: Engine = find_engine()
    opened = read_book(path, scheme, years_n=asked.run.years_n)
    assumed = settle_assumed(asked)
    world = build_world(opened, assumed)
    years_n = asked.run.years_n
    book = renew_book(opened.book, years_n) if asked.renew else opened.book
    rules = build_rules(scheme, book.split, book.filed_fen, years_n=years_n)
    watched = watched_party(scheme)
    outcome = engine.simulate_pool(book, rules, world, asked.run, watched=watched)
    level = float(assumed["level"].value)
    tail = tail_scenarios(outcome.paid_fen.sum(axis=(1, 2)) / FEN, level=level)
    told = {
        **_about(scheme, asked, assumed),
        "book": _book(opened, book, years_n),
        "watched": scheme.parties[watched].id,
        **_parties(scheme, outcome, book, years_n, assumed),
        "years": [_plain(row) for row in year_rows(outcome, rules, watched=watched)],
        "sectors": [
            {"sector": name} | _plain(row)
            for name, row in zip(opened.sectors, sector_shares(outcome, level=level), strict=True)
        ],
        "firms": _firms(opened, (book, rules, world, asked.run), (watched, tail), engine=engine),
        "histogram": histogram(outcome),
    }
    return told, _scenarios(scheme, outcome)


def _about(scheme: Scheme, asked: Asked, assumed: Mapping[str, Term]) -> dict[str, Any]:
    told = describe_scheme(scheme)
    digest = hashlib.sha256(canonical_json(told).encode()).hexdigest()
    kinds = {party.id: party.kind for party in scheme.parties}
    terms = [
        {name: getattr(term, name) for name in ("name", "zh", "en", "value", "unit")}
        | {"reference": term.reference, "status": term.status}
        for term in assumed.values()
        if term.name not in NOT_HERE
    ]
    return {
        "version": __version__,
        "scheme": {name: told[name] for name in ("id", "zh", "en", "currency")},
        "kinds": kinds,
        "scheme_hash": digest,
        "on": str(asked.on),
        **asked.run._asdict(),
        "renew": asked.renew,
        "assumed": terms,
    }


def _book(opened: Opened, book: Book, years_n: int) -> dict[str, Any]:
    rows = opened.book
    return {
        "loans_n": len(rows.firm),
        "firms_n": len(opened.firms),
        "in_scope_n": opened.inside_n,
        "filed": float(rows.filed_fen.sum()) / FEN,
        "ead": float(rows.ead_cny.sum()),
        "loss_expected_pa": float((rows.pd * rows.lgd) @ rows.ead_cny),
        "exposure_years": exposure_years(book, years_n),
        "aside": [
            {"problem": name, "n": n, "zh": WORDS[name][0], "en": WORDS[name][1]}
            for name, n in opened.aside.items()
        ],
    }


def _parties(
    scheme: Scheme, outcome: Outcome, book: Book, years_n: int, assumed: Mapping[str, Term]
) -> dict[str, Any]:
    whole, each = party_risks(outcome, level=float(assumed["level"].value))
    fees = fair_fees(
        each,
        exposure_cny=exposure_years(book, years_n),
        capital_rate_pa=float(assumed["capital_rate_pa"].value),
        years_n=years_n,
    )
    tails = party_tail(outcome, level=float(assumed["level"].value))
    rows = [
        {"id": party.id, "zh": party.zh, "en": party.en, "kind": party.kind}
        | _risk(risk)
        | _plain({"tail": tail})
        | {"fee": None if fee is None else _plain(fee)}
        for party, risk, tail, fee in zip(scheme.parties, each, tails, fees, strict=True)
    ]
    return {"loss": _risk(whole), "parties": rows}


def _risk(risk: TailRisk) -> dict[str, Any]:
    return _plain({"mean": risk.mean_cny, "var": risk.var_cny, "es": risk.es_cny})


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Estimate):
        return value._asdict()
    return [_value(item) for item in value] if isinstance(value, list) else value


def _firms(
    opened: Opened,
    played: tuple[Book, Rules, World, Run],
    looked: tuple[int, Tail],
    *,
    engine: Engine,
) -> list[dict[str, Any]]:
    """The firms that bring most to the expected shortfall of all losses."""
    book, rules, world, run = played
    watched, tail = looked
    n = len(opened.firms)
    value, cross, square, part = (np.zeros(n) for _ in range(4))
    again = engine.replays(book, rules, world, run, tail.scenario)
    for weight, (events, flows) in zip(tail.weight.tolist(), again, strict=True):
        firm = book.firm[events.loan] % n
        lost = weight * np.bincount(firm, events.amount_fen / FEN, minlength=n)
        value += lost
        cross += weight * lost
        square += lost * lost
        part += weight * np.bincount(firm, flows.paid_fen[:, watched] / FEN, minlength=n)
    spread = square - 2.0 * value * cross + value**2 * float(tail.weight @ tail.weight)
    error = np.sqrt(np.maximum(spread, 0.0))
    first = np.argsort(-value, kind="stable")[:FIRMS_N]
    return [
        {"firm_id": opened.firms[i], "watched_tail": float(part[i])}
        | _plain({"loss_tail": Estimate(float(value[i]), float(error[i]))})
        for i in first.tolist()
        if value[i] > 0.0
    ]


def _scenarios(scheme: Scheme, outcome: Outcome) -> pl.DataFrame:
    paid, currency = outcome.paid_fen.sum(axis=1), scheme.currency
    columns = {f"{p.id}_{currency}": paid[:, j] / FEN for j, p in enumerate(scheme.parties)}
    years = {
        name: np.minimum(getattr(outcome, name) + 1, 2**31)
        for name in ("emptied_year", "tripped_year", "capped_year")
    }
    table = pl.DataFrame(columns | years | {"claims_n": outcome.claims_n})
    return table.with_columns(
        *(pl.when(pl.col(name) < 2**31).then(pl.col(name)).alias(name) for name in years)
    )
