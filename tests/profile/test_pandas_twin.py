"""The library and the plain pandas version of its features agree."""

import random
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
from bench.pandas_features import features, techflow_features
from tests.profile.conftest import typed
from tests.profile.test_partners import random_invoices

AS_OF = date(2020, 2, 29)
SIDES = (("output", "sale", "购方单位代号"), ("input", "purchase", "销方单位代号"))


def read_side(path, direction, partner):
    status = pl.when(pl.col("发票状态").str.strip_chars() == "有效发票").then(pl.lit("valid"))
    return pl.read_csv(path, infer_schema_length=0).select(
        firm_id="企业代号",
        direction=pl.lit(direction),
        partner_id=partner,
        issued_on=pl.col("开票日期").str.strip_chars().str.to_date("%Y/%m/%d"),
        currency=pl.lit("CNY"),
        net_lcy=pl.col("金额").cast(pl.Float64),
        status=status.otherwise(pl.lit("void")),
    )


def agree(invoices):
    twin = invoices.to_pandas().assign(issued_on=pd.to_datetime(invoices["issued_on"].to_numpy()))
    expected = features(twin, AS_OF)
    seen = techflow_features(invoices, AS_OF).collect().to_pandas().set_index("firm_id")
    assert set(seen.index) == set(expected.index)
    assert set(seen.columns) - set(expected.columns) == {"trade_currency"}
    for name in expected.columns:
        theirs = expected[name].astype(float).to_numpy()
        ours = seen[name].reindex(expected.index).astype(float).to_numpy()
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, err_msg=name)
    return len(seen)


def test_generated_invoices():
    draw = random.Random(7)
    rows = [row for k in range(120) for row in random_invoices(draw, f"f{k}")]
    assert agree(typed("invoice", rows)) == 120


def test_real_invoices(shared):
    folder = shared / "china_sme_invoices"
    frames = [
        read_side(folder / f"{kind}_{side}_invoices.csv.gz", direction, partner)
        for kind in ("credit_history", "no_credit_history")
        for side, direction, partner in SIDES
    ]
    invoices = pl.concat(frames)
    assert invoices.height == 1_099_441
    assert agree(invoices) == 425
