"""How near the synthetic region comes to real firms: stated, with a tolerance for each shape.

`shapes.csv` holds quartiles of the real sets, with their source; the distance is the largest
gap of the three quartiles, as a part of the real interquartile range. `totals.csv` holds
published totals as ratios; the distance is the gap relative to the published number.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.economy.shapes import (
    quartiles,
    sample_statements,
    sample_totals,
    sample_trade,
    statement_shapes,
    trade_shapes,
)

HERE = Path(__file__).parent


def read_rows(name):
    with (HERE / name).open(encoding="utf8", newline="") as stream:
        return list(csv.DictReader(stream))


SHAPES, TOTALS = read_rows("shapes.csv"), read_rows("totals.csv")
SAMPLE_TRADE, SAMPLE_ACCOUNTS, SAMPLE_TOTALS = (
    cache(sample_trade),
    cache(sample_statements),
    cache(sample_totals),
)


def real_trade(folder):
    """Exact repeats dropped; window: the 24 whole months to January 2020."""
    names = ("firm", "number", "day", "partner", "net", "vat", "gross", "status")
    parts = []
    for group in ("credit_history", "no_credit_history"):
        for kind in ("output", "input"):
            file = folder / "china_sme_invoices" / f"{group}_{kind}_invoices.csv.gz"
            frame = pl.read_csv(file, new_columns=names, infer_schema_length=None)
            frame = frame.with_columns(pl.col("net", "vat", "gross").cast(pl.Float64)).unique()
            parts.append(frame.with_columns(sale=pl.lit(kind == "output")))
    invoices = pl.concat(parts).with_columns(
        month=pl.col("day").str.to_date("%Y/%m/%d").dt.truncate("1mo"),
        void=pl.col("status").str.contains("作废"),
    )
    return trade_shapes(invoices, pl.date(2018, 2, 1), pl.date(2020, 1, 1))


def real_korea(folder):
    frame = pl.read_csv(folder / "korea_dart/firm_year_2015_2019.csv.gz").filter(
        basis="separate", currency="KRW"
    )
    frame = frame.filter((pl.col("total_assets") > 0) & (pl.col("revenue") > 0))
    return statement_shapes({name: frame[name].to_numpy() for name in frame.columns})


def real_poland(folder):
    """Attributes 1, 2, 4, 6, 9 and 42 of the set are our ratios."""
    lines = (folder / "polish_bankruptcy/5year.arff").read_text().split("@data")[1].split()
    rows = np.genfromtxt(lines, delimiter=",", missing_values="?")
    places = {
        "return_on_assets": 0,
        "leverage": 1,
        "current_ratio": 3,
        "retained_earnings": 5,
        "asset_turnover": 8,
        "operating_margin": 41,
    }
    return {name: rows[:, place] for name, place in places.items()}


REAL = {
    "china_sme_invoices": real_trade,
    "korea_dart": real_korea,
    "polish_bankruptcy": real_poland,
}


@pytest.mark.parametrize("row", SHAPES, ids=lambda row: row["shape"])
def test_shape_is_near_the_real_one(row):
    sample = SAMPLE_TRADE() if row["set"] == "china_sme_invoices" else SAMPLE_ACCOUNTS()
    real = [float(row[name]) for name in ("q25", "q50", "q75")]
    ours = quartiles(sample[row["shape"]])
    gap = max(abs(a - b) for a, b in zip(ours, real, strict=True)) / (real[2] - real[0])
    assert gap <= float(row["tolerance_iqr"]), f"{row['shape']}: {ours} against {real}"


@pytest.mark.parametrize("row", TOTALS, ids=lambda row: row["ratio"])
def test_ratio_is_near_the_published_total(row):
    published, ours = float(row["value"]), float(SAMPLE_TOTALS()[row["ratio"]])
    assert abs(ours / published - 1.0) <= float(row["tolerance"]), f"{ours} against {published}"


@pytest.mark.parametrize("name", REAL)
def test_committed_quartiles_are_those_of_the_real_set(shared, name):
    real = REAL[name](shared)
    for row in SHAPES:
        if row["set"] == name:
            committed = [float(row[quarter]) for quarter in ("q25", "q50", "q75")]
            np.testing.assert_allclose(quartiles(real[row["shape"]]), committed, atol=6e-4)


def test_committed_high_tech_totals_are_those_of_the_yearbook(shared):
    """2023, whole country, high-technology manufacturing."""
    frame = pl.read_csv(
        shared / "china_provinces/china_province_st_long.csv.gz", infer_schema_length=None
    )
    frame = frame.filter((pl.col("province") == "全国") & (pl.col("year") == 2023))
    value = dict(frame.select("variables", "value").iter_rows())
    revenue_mcny, rnd_mcny = value["v4_cy_scjy_zyyw"] * 100, value["v4_cy_RDhd_nbzc"] / 100
    committed = {row["ratio"]: float(row["value"]) for row in TOTALS}
    found = {
        "rnd_share_manufacturing": rnd_mcny / revenue_mcny,
        "patents_per_rnd_mcny": value["v4_cy_qyzl_sqs"] / rnd_mcny,
        "invention_share": value["v4_cy_qyzl_fms"] / value["v4_cy_qyzl_sqs"],
        "profit_margin_manufacturing": value["v4_cy_scjy_lrze"] * 100 / revenue_mcny,
    }
    for ratio, number in found.items():
        assert number == pytest.approx(committed[ratio], abs=6e-4), ratio
