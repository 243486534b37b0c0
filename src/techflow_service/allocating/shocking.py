"""Shocks: a sector or a counterparty that buys less, a sector that defaults more; judged again."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput
from techflow.credit import grade_firms
from techflow.flow import LENT, judge_firms, lend_firms, part_names
from techflow_service.allocating.reading import name_sectors, read_sectors
from techflow_service.assessing.content import Content
from techflow_service.assessing.reading import Reading
from techflow_service.store import Store

KINDS = ("sector", "sector-odds", "partner")
YEAR = timedelta(days=365)
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Shock:
    """One shock.

    Attributes:
        kind: `sector` and `partner` take away a share of sales; `sector-odds` multiplies the odds
            of default.
        whom: Sector, or id of the counterparty.
        size: Share lost, or factor.
    """

    kind: str
    whom: str
    size: float


def read_shock(text: str) -> Shock:
    """A shock from the command line, such as `sector=construction:0.3`.

    Raises:
        InvalidInput: It is not written so, or its size is out of range.
    """
    kind, _, rest = text.partition("=")
    whom, _, size = rest.rpartition(":")
    if kind not in KINDS or not whom:
        raise InvalidInput(
            f"--shock must be KIND=WHOM:SIZE with KIND one of {', '.join(KINDS)}, such as "
            f"sector=construction:0.3; got {text!r}"
        )
    try:
        number = float(size)
    except ValueError:
        raise InvalidInput(f"--shock {text!r}: {size!r} is no number; write 0.3") from None
    if kind == "sector-odds":
        if not 0.0 < number < float("inf"):
            raise InvalidInput(f"--shock {text!r}: a factor of odds must be positive")
    elif not 0.0 <= number <= 1.0:
        raise InvalidInput(f"--shock {text!r}: a share of sales lost lies in [0, 1]; 0.3 is 30 %")
    return Shock(kind, whom, number)


def shock_firms(
    rows: pl.DataFrame, folder: Path, shocks: Sequence[Shock], content: Content, store: Path | None
) -> pl.DataFrame:
    """Assessed firms as they would be judged after the shocks.

    Sales of the last twelve months shrink and the odds of default grow; the cards, the limit and
    the price are then asked again.

    Args:
        rows: Assessed firms with `book_sector`.
        folder: Output folder of `techflow assess`, for the profiles.
        shocks: What happens.
        content: Cards, scale and terms.
        store: The store, for counterparties.

    Returns:
        The same firms, judged again, plus `sales_lost_share` and `odds_factor`.

    Raises:
        InvalidInput: There are no profiles, no firm is hit, or the assessment was made with other
            content.
    """
    path = folder / "profile.parquet"
    if not path.is_file():
        raise InvalidInput(
            f"a shock needs the profiles, {path}; it is not there; name the folder of "
            "`techflow assess`, not a file"
        )
    marks = _hit(rows, shocks, store)
    profiles = pl.read_parquet(path).join(marks, on="firm_id", how="inner")
    pool = expert_pd(folder)
    before, after = (_judge(profiles, content, pool, hit=hit) for hit in (False, True))
    check = rows.select("firm_id", was="pd").join(before.select("firm_id", "pd"), on="firm_id")
    if check.filter((pl.col("was") - pl.col("pd")).abs() > SAME).height:
        raise InvalidInput(
            f"{folder} was made with other cards than the ones installed; run `techflow assess` "
            "again before a shock"
        )
    return name_sectors(after).join(marks, on="firm_id").sort("firm_id")


def expert_pd(folder: Path) -> float | None:
    """PD of firms with an expert grade, as the assessment recorded it."""
    path = folder / "run.json"
    found = json.loads(path.read_text("utf8")) if path.is_file() else {}
    pool: float | None = found.get("low_default", {}).get("pd")
    return pool


def _judge(
    profiles: pl.DataFrame, content: Content, pool: float | None, *, hit: bool
) -> pl.DataFrame:
    as_of: date = profiles["as_of"][0]
    old = [n for n in (*part_names(content.cards), *LENT) if n in profiles.columns]
    kept = pl.lit(1.0) - (pl.col("sales_lost_share") if hit else 0.0)
    given = profiles.drop(old).with_columns(
        sales_12m_lcy=pl.col("sales_12m_lcy") * kept,
        odds_factor=pl.col("odds_factor") if hit else pl.lit(1.0),
    )
    judged = judge_firms(
        nw.from_native(given.lazy()),
        cards=content.cards,
        scale=content.scale,
        expert=content.expert,
    )
    odds = nw.col("pd") / (1.0 - nw.col("pd")) * nw.col("odds_factor")
    changed = nw.col("odds_factor") != 1.0
    judged = judged.with_columns(pd=nw.when(changed).then(odds / (1.0 + odds)).otherwise("pd"))
    regraded = grade_firms(judged.with_columns(expert_grade=nw.col("grade")), content.scale)
    known = nw.coalesce("grade", "expert_grade")
    lent = lend_firms(
        regraded.with_columns(grade=known), terms=content.terms.at(as_of), expert_pd=pool
    )
    frame: pl.DataFrame = lent.to_native().collect()
    return frame.with_columns(as_of=pl.col("as_of").cast(pl.String))


def _hit(rows: pl.DataFrame, shocks: Sequence[Shock], store: Path | None) -> pl.DataFrame:
    """Share of sales lost and factor of odds of each firm: `firm_id` and both."""
    left = pl.lit(1.0)
    factor = pl.lit(1.0)
    firms = rows.select("firm_id", "book_sector", "as_of")
    for place, shock in enumerate(shocks):
        if shock.kind == "partner":
            firms = _join_partner(firms, shock, store, f"share_{place}")
            left = left * (1.0 - shock.size * pl.col(f"share_{place}"))
            continue
        here = pl.col("book_sector").eq_missing(_sector_id(shock.whom, rows))
        if shock.kind == "sector":
            left = left * pl.when(here).then(1.0 - shock.size).otherwise(1.0)
        else:
            factor = factor * pl.when(here).then(shock.size).otherwise(1.0)
    return firms.select("firm_id", sales_lost_share=1.0 - left, odds_factor=factor)


def _sector_id(name: str, rows: pl.DataFrame) -> str:
    """The id of a sector by its id, its Chinese or its English name.

    Raises:
        InvalidInput: No firm of the book is in such a sector.
    """
    here = sorted(rows["book_sector"].drop_nulls().unique())
    known = {word: one["id"] for one in read_sectors() for word in (one["zh"], one["en"])}
    known |= {half: stated for stated in here for half in stated.split(" / ")}
    wanted = known.get(name, name)
    if wanted not in here:
        raise InvalidInput(
            f"no firm of the book is in sector {name!r}; there are {', '.join(here)}"
        )
    return str(wanted)


def _join_partner(firms: pl.DataFrame, shock: Shock, store: Path | None, name: str) -> pl.DataFrame:
    if store is None:
        raise InvalidInput(
            f"--shock partner={shock.whom}: which firms sell to it is in the store; name it "
            "with --store"
        )
    sold = customer_sales(store, date.fromisoformat(firms["as_of"][0]))
    theirs = sold.filter(pl.col("partner_id") == shock.whom).select("firm_id", share="sales_share")
    met = firms.join(theirs.rename({"share": name}), on="firm_id", how="left")
    if not met[name].count():
        raise InvalidInput(f"no firm of the book sold to {shock.whom} in the last twelve months")
    return met.with_columns(pl.col(name).fill_null(0.0))


def customer_sales(store: Path, as_of: date) -> pl.DataFrame:
    """What each firm sold to each customer in the twelve months to a day.

    Args:
        store: Folder of the store.
        as_of: Last day; what became known later is not seen.

    Returns:
        `firm_id partner_id sales_lcy sales_share`, net of credit notes; customers whose credit
        notes outweigh their invoices weigh nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        reading = Reading(Store.open(store).snapshot(), as_of, None, Path(folder))
        recent = pl.col("issued_on").is_between(as_of - YEAR, as_of, closed="right")
        sold = (
            reading.visible("invoice")
            .filter((pl.col("direction") == "sale") & (pl.col("status") == "valid") & recent)
            .group_by("firm_id", "partner_id")
            .agg(sales_lcy=pl.col("net_lcy").sum())
            .filter((pl.col("sales_lcy") > 0.0) & pl.col("partner_id").is_not_null())
            .collect()
        )
    total = pl.col("sales_lcy").sum().over("firm_id")
    return sold.with_columns(sales_share=pl.col("sales_lcy") / total).sort("firm_id", "partner_id")
