"""The holdings of a file as they were known on a day."""

from datetime import date
from pathlib import Path

import polars as pl

from techflow.basics import InvalidInput
from techflow.market.listing import ExitModel
from techflow_service.listing.columns import (
    Reasons,
    day,
    number,
    read_table,
    split_refused,
    unread,
)

DAYS_OF_YEAR = 365.25
NEEDED = ("position_id", "invested_on", "left_on", "route", "invested_cny")
OPTIONAL = ("firm_id", "proceeds_cny", "seen_since_on")
INVESTED, LEFT, SEEN = (day(name) for name in ("invested_on", "left_on", "seen_since_on"))
COST, BROUGHT = number("invested_cny"), number("proceeds_cny")
START = pl.max_horizontal(SEEN, INVESTED)


def read_positions(
    path: Path, model: ExitModel, *, as_of: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Holdings of a file as they were known on a day: kept, refused.

    Args:
        path: `position_id`, `invested_on`, `left_on` and `route` (both empty while open),
            `invested_cny`; may hold `firm_id`, `proceeds_cny`, `seen_since_on` (first day of the
            records, if the holding is older).
        model: Its routes.
        as_of: Last day whose knowledge counts.

    Returns:
        Rows that can be used, with `cause` (0 open, else the place of the route from 1), `years`
        and `entry_years`; and the others with their reason.

    Raises:
        InvalidInput: No row can be used.
        MissingColumn: A column is absent.
    """
    texts = read_table(path, NEEDED, optional=OPTIONAL)
    until = pl.min_horizontal(LEFT, pl.lit(as_of))
    gone = LEFT.is_not_null() & (as_of >= LEFT)
    places = range(1, len(model.names) + 1)
    place = pl.col("route").replace_strict(
        list(model.names), places, default=0, return_dtype=pl.Int64
    )
    kept, refused = split_refused(
        texts,
        _reasons(model, as_of, until),
        as_read={
            "invested_on": INVESTED,
            "left_on": pl.when(gone).then(LEFT),
            "route": pl.when(gone).then(pl.col("route")),
            "invested_cny": COST,
            "proceeds_cny": pl.when(gone).then(BROUGHT),
            "cause": pl.when(gone).then(place).otherwise(0),
            "years": (until - INVESTED).dt.total_days() / DAYS_OF_YEAR,
            "entry_years": (START - INVESTED).dt.total_days() / DAYS_OF_YEAR,
        },
    )
    if kept.is_empty():
        raise InvalidInput(f"{path.name}: no holding can be used: {refused['reason_en'][0]}")
    return kept, refused


def _reasons(model: ExitModel, as_of: date, until: pl.Expr) -> Reasons:
    return (
        (pl.col("position_id").is_null(), "缺少持仓编号", "position_id is empty"),
        (pl.col("position_id").is_duplicated(), "持仓编号重复", "position_id is there twice"),
        (INVESTED.is_null(), "投资日期无法识别", "invested_on cannot be read"),
        (unread(pl.col("left_on"), LEFT), "退出日期无法识别", "left_on cannot be read"),
        (unread(pl.col("seen_since_on"), SEEN), "起记日期无法识别", "seen_since_on cannot be read"),
        (unread(pl.col("invested_cny"), COST), "投资金额无法识别", "invested_cny is no number"),
        (unread(pl.col("proceeds_cny"), BROUGHT), "回款金额无法识别", "proceeds_cny is no number"),
        (COST <= 0.0, "投资金额须大于零", "invested_cny must be above 0"),
        (BROUGHT < 0.0, "回款金额不得为负", "proceeds_cny must be at least 0"),
        (
            LEFT.is_null() != pl.col("route").is_null(),
            "退出日期与退出方式须同时填写或同时留空",
            "left_on and route must both be given, or neither",
        ),
        (
            pl.col("route").is_not_null() & ~pl.col("route").is_in(model.names),
            "退出方式不在模型之中",
            f"route must be one of {', '.join(model.names)}",
        ),
        (pl.lit(as_of) <= START, "截至日期时尚未投资", "not yet held on that day"),
        (until <= START, "退出日期须晚于投资日期", "left_on must be after invested_on"),
    )
