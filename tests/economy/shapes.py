"""Shapes of firms, measured the same way on the real sets and on the synthetic region."""

from dataclasses import replace

import numpy as np
import polars as pl

from techflow.economy import (
    YARDSTICK,
    draw_credentials,
    draw_firms,
    draw_invoices,
    draw_loans,
    draw_months,
    draw_outcomes,
    draw_patents,
    draw_statements,
    month_starts,
)

QUARTERS = (0.25, 0.5, 0.75)
WINDOW_MONTHS = 24


def quartiles(values):
    clean = np.asarray(values, np.float64)
    return [float(value) for value in np.quantile(clean[np.isfinite(clean)], QUARTERS)]


def trade_shapes(invoices, since, until):
    """Quartiles over firms; `invoices`: firm, sale (bool), partner, month, net, void."""
    sales = invoices.filter("sale")
    valid = sales.filter(~pl.col("void"))
    by_firm = sales.group_by("firm").agg(void=pl.col("void").mean())
    credit = valid.group_by("firm").agg(share=(pl.col("net") < 0).mean())
    window = valid.filter(pl.col("month").is_between(since, until))
    months = window.group_by("firm", "month").agg(pl.col("net").sum(), n=pl.len())
    firms = months.group_by("firm").agg(
        total=pl.col("net").sum(), square=(pl.col("net") ** 2).sum(), active=pl.len(), n=pl.sum("n")
    )
    firms = firms.filter(pl.col("total") > 0).with_columns(mean=pl.col("total") / WINDOW_MONTHS)
    spread = (pl.col("square") - WINDOW_MONTHS * pl.col("mean") ** 2) / (WINDOW_MONTHS - 1)
    volatility = firms.select(spread.sqrt() / pl.col("mean"), "active")
    bought = invoices.filter(~pl.col("sale") & ~pl.col("void"))
    both = valid.group_by("firm").agg(sold=pl.col("net").sum()).filter(pl.col("sold") > 0)
    both = both.join(bought.group_by("firm").agg(cost=pl.col("net").sum()), on="firm")
    customers, suppliers = partner_shares(valid), partner_shares(bought)
    return {
        "void_share": by_firm["void"],
        "credit_note_share": credit["share"],
        "volatility": volatility["square"],
        "volatility_active": volatility.filter(pl.col("active") >= 20)["square"],
        "active_share": firms["active"] / WINDOW_MONTHS,
        "log_sales_n": (firms["n"] / WINDOW_MONTHS).log(),
        "margin": 1 - both["cost"] / both["sold"],
        "customer_hhi": customers["hhi"],
        "top_customer": customers["top"],
        "log_customers_n": customers["n"].log(),
        "supplier_hhi": suppliers["hhi"],
        "top_supplier": suppliers["top"],
    }


def partner_shares(invoices):
    sums = invoices.filter(pl.col("net") > 0).group_by("firm", "partner").agg(pl.col("net").sum())
    share = pl.col("net") / pl.col("net").sum()
    return sums.group_by("firm").agg(hhi=(share**2).sum(), top=share.max(), n=pl.len())


def statement_shapes(rows):
    """Quartiles over firm-years; `rows` maps the dictionary's names, without unit, to arrays."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "leverage": rows["total_liabilities"] / rows["total_assets"],
            "current_ratio": rows["current_assets"] / rows["current_liabilities"],
            "return_on_assets": rows["net_income"] / rows["total_assets"],
            "operating_margin": rows["operating_income"] / rows["revenue"],
            "asset_turnover": rows["revenue"] / rows["total_assets"],
            "current_assets_share": rows["current_assets"] / rows["total_assets"],
            "current_liabilities_share": rows["current_liabilities"] / rows["total_liabilities"],
            "retained_earnings": rows["retained_earnings"] / rows["total_assets"],
        }


def sample_chunk(firms_n, **changes):
    mechanism = replace(YARDSTICK, chunk_firms=firms_n, **changes)
    firms = draw_firms(mechanism, seed=7, chunk=0)
    return mechanism, {**firms, **draw_outcomes(mechanism, firms, seed=7, chunk=0)}


def sample_trade(firms_n=700):
    """Trade shapes of the synthetic region, with as many invoices as real firms have."""
    mechanism, firms = sample_chunk(firms_n, months_n=36, single_invoices=True)
    months = draw_months(mechanism, firms, firms, seed=7, chunk=0)
    starts = month_starts(mechanism.as_of, mechanism.months_n)
    traders = np.arange(firms_n)
    drawn = draw_invoices(mechanism, firms, months, starts, traders=traders, seed=7, chunk=0)
    outside = drawn["partner"] < 0
    invoices = pl.DataFrame(
        {
            "firm": drawn["firm"],
            "sale": drawn["direction"] == 0,
            "partner": np.where(outside, -drawn["outside_n"], drawn["partner"]),
            "month": pl.Series(drawn["issued_on"]).dt.truncate("1mo"),
            "net": drawn["net_lcy"],
            "void": drawn["void"],
        }
    )
    ends = pl.Series(starts)
    return trade_shapes(invoices, ends[-WINDOW_MONTHS], ends[-1])


def sample_statements(firms_n=5_000):
    mechanism, firms = sample_chunk(firms_n)
    drawn = draw_statements(mechanism, firms, seed=7, chunk=0)
    return statement_shapes({name.removesuffix("_lcy"): rows for name, rows in drawn.items()})


def sample_totals(firms_n=30_000):
    """Ratios of totals that are published for the country or its high-tech manufacturing."""
    mechanism, firms = sample_chunk(firms_n)
    patents = draw_patents(mechanism, firms, seed=7, chunk=0)
    owned_n = np.bincount(patents["firm"], minlength=firms_n)
    credentials = draw_credentials(mechanism, firms, owned_n, seed=7, chunk=0)
    giants = credentials["firm"][credentials["credential"] == 2]
    specialised = np.bincount(giants, minlength=firms_n) > 0
    loans = draw_loans(mechanism, firms, specialised, seed=7, chunk=0)
    drawn = {name: values[loans["version"] == 0] for name, values in loans.items()}
    made = np.array([item.family == "manufacturing" for item in mechanism.sectors])[firms["sector"]]
    spent = firms["rnd_share"] * firms["revenue_cny"]
    recent = patents["filed_on"] > np.datetime64(mechanism.as_of) - 365
    accounts = draw_statements(mechanism, firms, seed=7, chunk=0)
    last = accounts["period_end_on"] == accounts["period_end_on"].max()
    ours = last & made[accounts["firm"]]
    clean = specialised & np.isnat(firms["defaulted_on"])
    borrowers = np.bincount(drawn["firm"][_running(drawn, "2026-06-30")], minlength=firms_n) > 0
    balance = {day: drawn["principal_lcy"][_running(drawn, day)].sum() for day in YEAR_ENDS}
    return {
        "specialised_loan_share": borrowers[clean].mean(),
        "loan_balance_growth": balance["2025-12-31"] / balance["2024-12-31"],
        "rnd_share_manufacturing": spent[made].sum() / firms["revenue_cny"][made].sum(),
        "patents_per_rnd_mcny": (recent & made[patents["firm"]]).sum() / spent[made].sum() * 1e6,
        "invention_share": (patents["kind"] == 0)[made[patents["firm"]]].mean(),
        "profit_margin_manufacturing": accounts["pretax_income_lcy"][ours].sum()
        / accounts["revenue_lcy"][ours].sum(),
    }


YEAR_ENDS = ("2024-12-31", "2025-12-31")


def _running(loans, day):
    return (loans["drawn_on"] <= np.datetime64(day)) & (loans["due_on"] > np.datetime64(day))
