"""Stressing a scheme over the book of a file, and the mildest shocks that empty its pool."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from techflow import __version__
from techflow.basics import InvalidInput
from techflow.basics.normal import normal_cdf
from techflow.flow.solvency_book import NEVER, Outcome, renew_book, watched_party
from techflow.flow.solvency_figures import FEN, chance, mean_of
from techflow.pool import Scheme, build_rules
from techflow_service.solvency.reading import Opened, read_book
from techflow_service.solvency.running import Asked, build_world, find_engine, settle_assumed

SECTORS_N, CURVE = 10, (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)


class Stress(NamedTuple):
    """What happens.

    Attributes:
        deviations: Of what the firms share, in the first year; None leaves it as drawn.
        pd_times: Times every default probability.
        lgd_times: Times every loss given default.
        sectors: Names of the sectors hit; empty for all.
        reverse: Also search the mildest shocks under which the pool fails.
        chance: With which it then fails.
    """

    deviations: float | None
    pd_times: float
    lgd_times: float
    sectors: tuple[str, ...]
    reverse: bool
    chance: float


def stress_file(path: Path, scheme: Scheme, asked: Asked, stress: Stress) -> dict[str, Any]:
    """A shock to the book of a file: who bears what before and after.

    Args:
        path: The book.
        scheme: Settled on the day.
        asked: What to simulate.
        stress: What happens.

    Returns:
        What it comes to, ready for JSON.

    Raises:
        InvalidInput: The file or a number cannot be used, or Numba is not installed.
        MissingColumn: A column is absent.
    """
    engine = find_engine("solvency_stress")
    opened, years_n = read_book(path, scheme, years_n=asked.run.years_n), asked.run.years_n
    book = renew_book(opened.book, years_n) if asked.renew else opened.book
    rules = build_rules(scheme, book.split, book.filed_fen, years_n=years_n)
    world, watched = build_world(opened, settle_assumed(asked)), watched_party(scheme)
    played = engine.Played(book, rules, world, asked.run, watched)
    shock = engine.Shock(*stress[:3], _numbers(opened, stress.sectors))
    before = engine.simulate_stress(played, engine.Shock())
    after = engine.simulate_stress(played, shock)
    names = ("id", "zh", "en", "currency")
    return {
        "version": __version__,
        "scheme": {name: getattr(scheme, name) for name in names},
        "on": str(asked.on),
        **asked.run._asdict(),
        "renew": asked.renew,
        "loans_n": len(opened.book.firm),
        "aside_n": sum(opened.aside.values()),
        "purse": bool((rules.cap_refilled == 1).any()),
        "watched": scheme.parties[watched].id,
        "shock": stress._asdict() | {"sectors": list(stress.sectors)},
        "loss": _pair([before, after], None),
        "parties": [
            {"id": party.id, "zh": party.zh, "en": party.en} | _pair([before, after], j)
            for j, party in enumerate(scheme.parties)
        ],
        "fails": {
            name: chance(engine.fails(played, out))._asdict()
            for name, out in (("before", before), ("after", after))
        },
        "reverse": _reverse(engine, played, opened, stress) if stress.reverse else None,
    }


def _numbers(opened: Opened, names: tuple[str, ...]) -> tuple[int, ...]:
    if absent := [name for name in names if name not in opened.sectors]:
        raise InvalidInput(
            f"--sector: the book has {', '.join(opened.sectors)}; got {', '.join(absent)}"
        )
    return tuple(opened.sectors.index(name) for name in names)


def _pair(outs: list[Outcome], party: int | None) -> dict[str, Any]:
    found = {}
    for name, out in zip(("before", "after"), outs, strict=True):
        paid = out.paid_fen.sum(axis=1) / FEN
        found[name] = mean_of(paid.sum(axis=1) if party is None else paid[:, party])._asdict()
    return found


def _reverse(engine: Any, played: Any, opened: Opened, stress: Stress) -> dict[str, Any]:
    """The mildest shock of each kind, and the chance to fail against what firms share."""

    def search(make: Callable[[float], Any], most: float, least: float) -> float | None:
        found: float | None = engine.mildest_shock(
            played, make, most=most, chance=stress.chance, least=least
        )
        return found

    def factor(sectors: tuple[int, ...]) -> dict[str, Any]:
        size = search(lambda x: engine.Shock(-x, sectors=sectors), engine.DEVIATIONS_MAX, 0.0)
        likely = None if size is None else float(normal_cdf(np.array([-size]))[0])
        return {"size": size, "chance_pa": likely}

    book, most = opened.book, engine.TIMES_MAX
    lost = np.bincount(book.sector, book.pd * book.lgd * book.ead_cny)
    largest = np.argsort(-lost, kind="stable")[:SECTORS_N].tolist() if len(lost) > 1 else []
    rows = [{"kind": "all", **factor(())}]
    rows += [{"kind": "sector", "sector": opened.sectors[k], **factor((k,))} for k in largest]
    rows += [
        {"kind": "pd", "size": search(lambda x: engine.Shock(pd_times=x), most, 1.0)},
        {"kind": "lgd", "size": search(lambda x: engine.Shock(lgd_times=x), most, 1.0)},
    ]
    curve = [
        {"deviations": x}
        | chance(engine.fails(played, engine.simulate_stress(played, engine.Shock(-x))))._asdict()
        for x in CURVE
    ]
    worst = engine.simulate_stress(played, engine.Shock(-engine.DEVIATIONS_MAX))
    held = np.minimum(worst.tripped_year, worst.capped_year) < NEVER
    return {"rows": rows, "curve": curve, "held_at_worst": chance(held)._asdict()}
