"""The invoice features of `techflow.profile` written plainly in pandas, to compare with.

It gives the same numbers from the same invoices in the way a careful analyst would write them:
vectorised group-bys and one month-by-firm table, no loop over rows or firms. Tests hold the
two against each other; `make bench-assess` takes the ratio of their times.

    python bench/pandas_features.py INVOICES.parquet 2020-02-29
"""

import json
import sys
import time
from datetime import date

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl

from techflow.profile import invoice_months, partner_features, trade_features

KEYS = ["firm_id", "month"]


def month_number(days):
    return days.dt.year * 12 + days.dt.month


def safe_ratio(part, whole):
    return (part / whole).where(whole > 0)


def trade(invoices, as_of):
    last = as_of.year * 12 + as_of.month
    invoices = invoices.assign(month=month_number(invoices["issued_on"]))
    invoices = invoices[invoices["month"] <= last]
    valid, sale = invoices["status"] == "valid", invoices["direction"] == "sale"
    sold, bought = invoices[valid & sale], invoices[valid & ~sale]
    positive, credits = sold[sold["net_lcy"] >= 0], sold[sold["net_lcy"] < 0]
    firms = pd.Index(invoices["firm_id"].unique(), name="firm_id")
    first = invoices[valid].groupby("firm_id")["month"].min().reindex(firms)
    out = pd.DataFrame({"history_months": last - first + 1})

    sale_months = positive.groupby(KEYS).size().reset_index()[KEYS]
    active = sale_months.groupby("firm_id")["month"]
    out["active_months_n"] = active.size().reindex(firms).fillna(0)
    out["idle_months"] = last - active.max()
    steps = sale_months.sort_values(KEYS).groupby("firm_id")["month"].diff()
    out["longest_gap_months"] = (steps.groupby(sale_months["firm_id"]).max() - 1).fillna(0)

    # One column per month of the two years, one row per firm; NaN before the first invoice.
    columns = range(last - 23, last + 1)
    table = sold.pivot_table(index="firm_id", columns="month", values="net_lcy", aggfunc="sum")
    table = table.reindex(index=firms, columns=columns).fillna(0.0)
    known = np.array(columns)[None, :] >= first.to_numpy()[:, None]
    table = table.where(known)
    earlier, year = table.iloc[:, :12], table.iloc[:, 12:]
    bought_year = bought[bought["month"] > last - 12].groupby("firm_id")["net_lcy"].sum()
    any_bought = firms.isin(bought["firm_id"])
    out["sales_12m_lcy"] = year.sum(axis=1).where(first.notna())
    out["purchases_12m_lcy"] = bought_year.reindex(firms).fillna(0.0).where(any_bought)
    base = earlier.sum(axis=1).where(first <= last - 23)
    out["sales_growth_ratio"] = safe_ratio(out["sales_12m_lcy"], base) - 1

    mean = table.mean(axis=1).where(table.count(axis=1) >= 3)
    mean = mean.where(mean > 0)
    t = pd.DataFrame(np.where(known, np.arange(24.0), np.nan), index=firms, columns=columns)
    centred = t.sub(t.mean(axis=1), axis=0)
    slope = (centred * table).sum(axis=1) / (centred**2).sum(axis=1)
    out["sales_trend_ratio"] = slope / mean
    out["sales_volatility_ratio"] = table.std(axis=1, ddof=1) / mean
    margin = out["sales_12m_lcy"] - out["purchases_12m_lcy"]
    out["margin_ratio"] = safe_ratio(margin, out["sales_12m_lcy"])

    voids = invoices[sale & ~valid].groupby("firm_id").size().reindex(firms).fillna(0)
    issued = invoices[sale].groupby("firm_id").size().reindex(firms)
    out["void_share"] = voids / issued
    credit = -credits.groupby("firm_id")["net_lcy"].sum().reindex(firms).fillna(0.0)
    gross = positive.groupby("firm_id")["net_lcy"].sum().reindex(firms)
    out["credit_note_share"] = safe_ratio(credit, gross)
    sale_n = positive.groupby("firm_id").size().reindex(firms).fillna(0)
    out["sale_month_n"] = sale_n / out["history_months"]
    return out


def side(invoices, who):
    """Concentration and tenure over the partners of valid sales or purchases."""
    partners = invoices.groupby(["firm_id", "partner_id"]).agg(
        weight=("net_lcy", "sum"),
        largest=("net_lcy", "max"),
        first=("month", "min"),
        last=("month", "max"),
        months=("month", "nunique"),
    )
    partners["weight"] = partners["weight"].clip(lower=0.0)
    partners["counted"] = partners["largest"] > 0
    partners["tenure"] = partners["weight"] * (partners["last"] - partners["first"])
    partners["squares"] = partners["weight"] ** 2
    partners["repeat"] = partners["weight"].where(partners["months"] >= 3, 0.0)
    firm = partners.groupby("firm_id")
    sums = firm[["weight", "counted", "tenure", "squares", "repeat"]].sum()
    return pd.DataFrame(
        {
            f"{who}s_n": sums["counted"],
            f"{who}_hhi_ratio": safe_ratio(sums["squares"], sums["weight"] ** 2),
            f"top_{who}_share": safe_ratio(firm["weight"].max(), sums["weight"]),
            f"{who}_tenure_months": safe_ratio(sums["tenure"], sums["weight"]),
            f"repeat_{who}_share": safe_ratio(sums["repeat"], sums["weight"]),
        }
    )


def partner(invoices, as_of):
    seen = (invoices["status"] == "valid") & (invoices["issued_on"] <= pd.Timestamp(as_of))
    invoices = invoices[seen].assign(month=month_number(invoices["issued_on"]))
    sale = invoices["direction"] == "sale"
    customers, suppliers = side(invoices[sale], "customer"), side(invoices[~sale], "supplier")
    out = customers.join(suppliers.drop(columns="repeat_supplier_share"), how="outer")
    out["customers_n"] = out["customers_n"].fillna(0)
    return out


def features(invoices, as_of):
    """All features of `trade_features` and `partner_features` but the currency, by firm."""
    return trade(invoices, as_of).join(partner(invoices, as_of), how="left")


def techflow_features(invoices, as_of):
    """The same from the library on Polars, as one lazy frame."""
    frame = nw.from_native(invoices.lazy())
    months = trade_features(invoice_months(frame), as_of=as_of)
    return months.join(partner_features(frame, as_of=as_of), on="firm_id", how="left").to_native()


def cost(work):
    """Wall and processor seconds of one run."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def compare(invoices: pl.DataFrame, as_of: date, repeats: int = 3) -> dict:
    """Both on the same rows in memory, in turn; the least of several runs of each."""
    twin = invoices.to_pandas()
    twin["issued_on"] = pd.to_datetime(twin["issued_on"])
    plan = techflow_features(invoices, as_of)
    runs = [
        (*cost(lambda: plan.collect(engine="streaming")), *cost(lambda: features(twin, as_of)))
        for _ in range(repeats)
    ]
    ours, ours_cpu, theirs, theirs_cpu = (min(column) for column in zip(*runs, strict=True))
    return {
        "invoices_n": invoices.height,
        "techflow_s": round(ours, 3),
        "pandas_s": round(theirs, 3),
        "invoices_per_s": round(invoices.height / ours),
        "ratio_vs_pandas": round(theirs / ours, 2),
        "cpu_ratio_vs_pandas": round(theirs_cpu / ours_cpu, 2),
    }


if __name__ == "__main__":
    print(json.dumps(compare(pl.read_parquet(sys.argv[1]), date.fromisoformat(sys.argv[2]))))
