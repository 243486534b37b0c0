"""Pledges of unlisted equity in a file: one row out per row in, in the same order."""

import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import polars as pl

from techflow.basics import MissingColumn
from techflow.patents.equity_pledge import EquityCase, EquityPledge, EquityTerms, pledge_equity
from techflow_service.models import read_model

DAYS_A_YEAR = 365.25
NEEDS = ("pd", "closed_on")
BY_VALUE = ("post_money_cny", "ownership_share")
BY_PRICE = ("price_per_share_cny", "shares_n", "pledged_shares_n")
OPTIONAL = ("sigma", "years_to_sale", "dilution_share", "preference_cny", "preferred_share")


def read_terms() -> dict[str, Any]:
    """Terms, assumptions and words of the pledge of equity."""
    return read_model("equity_pledge.toml")


def equity_rows(rows: pl.DataFrame, *, at: date) -> pl.DataFrame:
    """Value, haircut, loan to value and the most that may be lent on each pledge of shares.

    Args:
        rows: `pd`, `closed_on` of the last round, and its value in either form of `BY_VALUE` and
            `BY_PRICE`; where known those of `OPTIONAL`, `correlation` and `own_shares`.
        at: Day of the valuation.

    Raises:
        MissingColumn: A column is not there.
    """
    _check(rows)
    content = read_terms()
    ready = _ready(rows, content, at)
    case = EquityCase(*(ready[name].fill_null(math.nan).to_numpy() for name in EquityCase._fields))
    terms = EquityTerms(**{field.name: content[field.name] for field in fields(EquityTerms)})
    worked = pledge_equity(case, terms)
    found = pl.DataFrame(worked._asdict(), schema=dict.fromkeys(EquityPledge._fields, pl.Float64))
    found = found.rename({"value_cny": "equity_value_cny"}).with_columns(ready["code"])
    code = (
        pl.when(pl.col("code").is_not_null())
        .then("code")
        .when(pl.col("equity_value_cny").is_nan())
        .then(pl.lit("wrong_number"))
        .when(pl.col("equity_value_cny") == 0)
        .then(pl.lit("worth_nothing"))
    )
    coded = found.with_columns(equity_reason_code=code).drop("code")
    numbers = [name for name in coded.columns if name != "equity_reason_code"]
    usable = pl.col("equity_reason_code").is_null()
    clean = coded.with_columns(pl.when(usable).then(name).alias(name) for name in numbers)
    explained = clean.with_columns(
        pl.col("equity_reason_code")
        .replace_strict({k: v[lang] for k, v in content["reason"].items()}, return_dtype=pl.String)
        .alias(f"equity_reason{ending}")
        for lang, ending in (("en", ""), ("zh", "_zh"))
    )
    kept = rows.drop(name for name in explained.columns if name in rows.columns)
    return pl.concat([kept, explained], how="horizontal")


def _check(rows: pl.DataFrame) -> None:
    missing = [name for name in NEEDS if name not in rows.columns]
    forms = [all(name in rows.columns for name in form) for form in (BY_VALUE, BY_PRICE)]
    if not any(forms):
        missing.append(f"{' + '.join(BY_VALUE)} or {' + '.join(BY_PRICE)}")
    if missing:
        raise MissingColumn(
            f"credit equity-pledge: the file lacks {', '.join(missing)}; it has "
            f"{', '.join(rows.columns)}; add the columns"
        )


def _ready(rows: pl.DataFrame, content: Mapping[str, Any], at: date) -> pl.DataFrame:
    """The fields of the case, and the code of what is missing."""
    names = (*BY_VALUE, *BY_PRICE, *OPTIONAL, "pd", "correlation")
    texts = rows.with_columns(
        pl.lit(None, pl.String).alias(name)
        for name in (*names, "own_shares")
        if name not in rows.columns
    )
    typed = texts.select(
        *(pl.col(name).cast(pl.Float64, strict=False) for name in names),
        own_shares=pl.col("own_shares").cast(pl.String).str.to_lowercase().str.strip_chars(),
        closed_on=_day(texts),
        unread=pl.any_horizontal(
            _given(name) & pl.col(name).cast(pl.Float64, strict=False).is_null()
            for name in (*OPTIONAL, "correlation")
        ),
    )
    by_price = pl.col("price_per_share_cny") * pl.col("shares_n")
    part = pl.col("pledged_shares_n") / pl.col("shares_n")
    other, own = (content["correlation"][k] for k in ("other_shares", "own_shares"))
    worked = typed.with_columns(
        pl.coalesce("post_money_cny", by_price),
        pl.coalesce("ownership_share", part),
        *(pl.col(name).fill_null(content["where_unknown"][name]) for name in OPTIONAL),
        # Of a share whose issuer is not told, the stricter is taken.
        pl.col("correlation").fill_null(
            pl.when(pl.col("own_shares") == "false").then(other).otherwise(own)
        ),
        years_since_round=(pl.lit(at) - pl.col("closed_on")).dt.total_days() / DAYS_A_YEAR,
    )
    return worked.with_columns(code=_reason(content["round_age_years_max"]))


def _reason(age_max: float) -> pl.Expr:
    worth, part = pl.col("post_money_cny"), pl.col("ownership_share")
    age, pd = pl.col("years_since_round"), pl.col("pd")
    tests = {
        "no_round_value": ~(worth.is_finite() & (worth > 0)).fill_null(False),
        "no_share_pledged": ~((part > 0) & (part <= 1)).fill_null(False),
        "no_round_day": age.is_null(),
        "round_later": age < 0,
        "round_too_old": age > age_max,
        "no_default_probability": ~((pd > 0) & (pd < 1)).fill_null(False),
        "wrong_number": pl.col("unread"),
    }
    return pl.coalesce(pl.when(test).then(pl.lit(code)) for code, test in tests.items())


def _given(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return (text != "").fill_null(False)


def _day(rows: pl.DataFrame) -> pl.Expr:
    day = pl.col("closed_on")
    if rows["closed_on"].dtype == pl.String:
        return day.str.to_date("%Y-%m-%d", strict=False)
    return day.cast(pl.Date)
