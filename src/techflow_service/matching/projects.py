"""Projects of a file and who funds them. Needs the extra `statistics`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.flow.project_market import match_projects, weigh_projects
from techflow.matching.market import Integers
from techflow.matching.projects import FEN_PER_CNY, ProjectMarket
from techflow_service.matching.project_tables import ProjectTables, project_pairs, read_projects
from techflow_service.matching.project_wording import Told, tell_limit, tell_projects
from techflow_service.valuing.wording import beside

FEN_SLACK = 1e-3
"""A product of floats errs by far less than this part of a fen."""
FEN_MAX = 2**53
DIGITS_N = 12
"""Rates as written: what is beyond is noise of floats."""
KEPT = (
    *("provider_n", "project_n", "gain_rate_pa", "cap_cny", "cap_code", "amount_cny_min"),
    *("equity", "refusal_code"),
)


@dataclass(frozen=True, slots=True)
class FundedFiles:
    """Result tables and summary."""

    projects: pl.DataFrame
    tickets: pl.DataFrame
    limits: pl.DataFrame
    summary: dict[str, Any]


def fund_files(
    projects_at: Path,
    providers_at: Path,
    *,
    on: date,
    folder: Path | None = None,
    watch: Callable[[str], None] = lambda stage: None,
) -> FundedFiles:
    """Match the projects of a file to the providers of another.

    Args:
        projects_at: Projects.
        providers_at: Providers.
        on: Legal date of terms and law.
        folder: Product folders of one's own.
        watch: Is told what is being done.

    Raises:
        InvalidInput: A cell or product is wrong.
        MissingColumn: A column is not there.
        NotInForce: No law or terms on that day.
    """
    watch("reading")
    tables = read_projects(projects_at, providers_at, on=on, folder=folder)
    frame = nw.from_native(project_pairs(tables).lazy())
    judged = weigh_projects(frame, nw.from_native(tables.mandates.lazy()))
    pairs: pl.DataFrame = judged.select(KEPT).to_native().collect().sort("project_n", "provider_n")
    allowed = pairs.filter(pl.col("refusal_code").is_null())
    refused = pairs.drop_nulls("refusal_code")
    watch("matching")
    matched = match_projects(_market(tables, allowed))
    told = Told(tables, matched, allowed, refused)
    return FundedFiles(
        _project_rows(told), _ticket_rows(told), _limit_rows(told), _summary(told, on)
    )


def _market(tables: ProjectTables, allowed: pl.DataFrame) -> ProjectMarket:
    room = tables.providers["equity_room_cny"].fill_null(np.inf)
    return ProjectMarket(
        allowed["provider_n"].to_numpy(),
        allowed["project_n"].to_numpy(),
        allowed["gain_rate_pa"].to_numpy(),
        _most_fen(allowed["cap_cny"]),
        _least_fen(allowed["amount_cny_min"].fill_null(0.0)),
        allowed["equity"].to_numpy(),
        _most_fen(tables.providers["available_cny"]),
        _most_fen(room),
        _most_fen(tables.projects["need_cny"]),
        _least_fen(tables.projects["minimum_cny"]),
    )


def _most_fen(cny: pl.Series) -> Integers:
    fen = np.floor(cny.to_numpy() * FEN_PER_CNY + FEN_SLACK)
    return np.minimum(fen, FEN_MAX).astype(np.int64)


def _least_fen(cny: pl.Series) -> Integers:
    return np.ceil(cny.to_numpy() * FEN_PER_CNY - FEN_SLACK).astype(np.int64)


def _project_rows(told: Told) -> pl.DataFrame:
    market, found = told.matched.market, told.matched.found
    reasons = told.matched.reasons
    n = market.need_fen.size
    given = np.bincount(market.project, found.amount_fen, minlength=n) / FEN_PER_CNY
    gain = np.bincount(market.project, found.amount_fen * market.gain_rate_pa, minlength=n)
    rivals = [None if arc < 0 else told.provider(arc) for arc in reasons.rival_arc.tolist()]
    words = tell_projects(told)
    found_rows = pl.DataFrame(
        {
            "funded_cny": given,
            "funded_share": given / (market.need_fen / FEN_PER_CNY),
            "providers_n": np.bincount(market.project[found.amount_fen > 0], minlength=n),
            "gain_cny": (gain / FEN_PER_CNY).round(2),
            "rival_provider_id": pl.Series(rivals, dtype=pl.String),
            "reason_code": reasons.code,
            "reason_zh": words["zh"],
            "reason_en": words["en"],
        }
    )
    return beside(told.tables.raw, found_rows)


def _ticket_rows(told: Told) -> pl.DataFrame:
    """Each ticket given, what it gains, and what keeps it from being greater."""
    matched = told.matched
    arcs = np.flatnonzero(matched.found.amount_fen)
    amount = matched.found.amount_fen[arcs] / FEN_PER_CNY
    limits = [told.limit(arc) for arc in arcs.tolist()]
    ids = told.tables.projects["project_id"].to_list()
    return pl.DataFrame(
        {
            "project_id": pl.Series(
                [ids[p] for p in matched.market.project[arcs].tolist()], dtype=pl.String
            ),
            "provider_id": pl.Series([told.provider(a) for a in arcs.tolist()], dtype=pl.String),
            "amount_cny": amount,
            "gain_rate_pa": matched.market.gain_rate_pa[arcs].round(DIGITS_N),
            "price_rate_pa": matched.reasons.price[arcs].round(DIGITS_N),
            "gain_cny": (amount * matched.market.gain_rate_pa[arcs]).round(2),
            "limit_code": pl.Series(limits, dtype=pl.String),
            **{
                f"limit_{language}": pl.Series(
                    [
                        tell_limit(told, arc, code, language)
                        for arc, code in zip(arcs.tolist(), limits, strict=True)
                    ],
                    dtype=pl.String,
                )
                for language in ("zh", "en")
            },
        }
    )


def _limit_rows(told: Told) -> pl.DataFrame:
    """Each provider's limits with value, mark and source; of its sums also use and price."""
    market, found = told.matched.market, told.matched.found
    n = market.available_fen.size
    used = np.bincount(market.provider, found.amount_fen, minlength=n)
    shares = np.bincount(market.provider, found.amount_fen * market.equity, minlength=n)
    rows: list[dict[str, Any]] = []
    for i, one in enumerate(told.tables.providers.iter_rows(named=True)):
        key = one["provider_id"]
        sums = {"available_cny": (market.available_fen, used, found.available_price)}
        if one["insured"]:
            sums["equity_room_cny"] = (market.equity_room_fen, shares, found.equity_price)
        for name, (room, taken, price) in sums.items():
            mark = told.tables.sources.get((key, "equity_ceiling_share"), (0.0, "", ""))
            of_law = name == "equity_room_cny"
            known = one[name] is not None
            rows.append(
                {
                    "provider_id": key,
                    "limit": name,
                    "value": room[i] / FEN_PER_CNY if known else None,
                    "used_cny": taken[i] / FEN_PER_CNY,
                    "price_rate_pa": round(float(price[i]), DIGITS_N),
                    "mark": mark[1] if of_law else "input",
                    "source": mark[2] if of_law else "",
                }
            )
        rows += [
            {"provider_id": key, "limit": name, "value": value, "mark": mark, "source": source}
            for (owner, name), (value, mark, source) in told.tables.sources.items()
            if owner == key
        ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _summary(told: Told, on: date) -> dict[str, Any]:
    market, found = told.matched.market, told.matched.found
    given = np.bincount(market.project, found.amount_fen, minlength=market.need_fen.size)
    marks = {mark for _, mark, _ in told.tables.sources.values()}
    return {
        "on": on.isoformat(),
        "projects_n": int(market.need_fen.size),
        "providers_n": int(market.available_fen.size),
        "allowed_n": int(market.project.size),
        "funded_n": int((given > 0).sum()),
        "funded_cny": float(given.sum() / FEN_PER_CNY),
        "needed_cny": float(market.need_fen.sum() / FEN_PER_CNY),
        "gain_cny": found.total_cny,
        "bound_cny": found.bound_cny,
        "gap_share": found.gap_share,
        "marks": sorted(marks),
    }
