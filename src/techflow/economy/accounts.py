"""Draws annual accounts whose identities tie exactly: every amount is a whole yuan."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.economy.draws import Columns, log_odds, sigmoid, stream
from techflow.economy.mechanism import Mechanism

TAX_SHARE = 0.15
INTEREST_RATE_PA = 0.04


def draw_statements(mechanism: Mechanism, firms: Columns, *, seed: int, chunk: int) -> Columns:
    """Three years of separate accounts of each firm, whole yuan.

    Retained earnings roll forward with net income; assets are current plus non-current and
    liabilities plus equity; all exactly, since whole numbers below 2^53 add without error.

    Args:
        mechanism: The declared mechanism.
        firms: Columns of `draw_firms`.
        seed: Seed of the sample.
        chunk: The chunk these firms are.

    Returns:
        One row per firm and year, oldest year first: `firm` (row of the firm in the chunk),
        `period_end_on` and the amounts of table `statement` in yuan.
    """
    rng = stream(seed, "statement", chunk)
    n, years_n = len(firms["firm_n"]), mechanism.statements_n
    last = mechanism.as_of.year - 1
    ends = [date(last - back, 12, 31) for back in range(years_n - 1, -1, -1)]
    revenue = _draw_revenue(firms, rng, years_n)
    income = _draw_income(mechanism, firms, rng, revenue)
    balance = _draw_balance(mechanism, firms, rng, income)
    amounts = {name: values.reshape(-1) for name, values in {**income, **balance}.items()}
    return {
        "firm": np.repeat(np.arange(n), years_n),
        "period_end_on": np.tile(np.array(ends, "datetime64[D]"), n),
        **amounts,
    }


def _draw_revenue(firms: Columns, rng: np.random.Generator, years_n: int) -> Floats:
    n = len(firms["firm_n"])
    back = np.arange(years_n - 1, -1, -1)
    noise = 0.08 * rng.standard_normal((n, years_n))
    path = np.exp(-firms["growth_ratio"][:, None] * back + noise)
    return np.asarray(np.rint(firms["revenue_cny"][:, None] * path), np.float64)


def _draw_income(
    mechanism: Mechanism, firms: Columns, rng: np.random.Generator, revenue: Floats
) -> dict[str, Floats]:
    n = len(firms["firm_n"])
    quality, firm_noise = firms["quality"][:, None], rng.standard_normal((2, n, 1))
    noise = rng.standard_normal((4, *revenue.shape))
    odds = log_odds(mechanism.gross_margin_median) + mechanism.quality_margin_log_odds * quality
    margin = sigmoid(odds + mechanism.gross_margin_log_odds_sd * firm_noise[0] + 0.1 * noise[0])
    # A firm that spends on research sells dearer: otherwise every laboratory would make a loss.
    margin = np.minimum(margin + 0.9 * (firms["rnd_share"][:, None] - 0.06), 0.95)
    scale = np.maximum(revenue, 0.15 * firms["scale_cny"][:, None])
    cost = np.rint(revenue * (1.0 - margin))
    rnd = np.rint(scale * firms["rnd_share"][:, None] * np.exp(0.1 * noise[1]))
    selling_share = mechanism.selling_share_median * np.exp(0.22 * firm_noise[1] + 0.1 * noise[2])
    interest = np.rint(scale * 0.25 * INTEREST_RATE_PA * rng.random(revenue.shape))
    operating = revenue - cost - rnd - np.rint(scale * selling_share) - interest
    pretax = operating + np.rint(0.01 * scale * noise[3])
    net = pretax - np.rint(TAX_SHARE * np.maximum(pretax, 0.0))
    return {
        "revenue_lcy": revenue,
        "cost_lcy": cost,
        "rnd_expense_lcy": rnd,
        "interest_expense_lcy": interest,
        "operating_income_lcy": operating,
        "pretax_income_lcy": pretax,
        "net_income_lcy": net,
        "operating_cash_flow_lcy": np.rint(net + 0.06 * scale * rng.standard_normal(net.shape)),
    }


def _draw_balance(
    mechanism: Mechanism, firms: Columns, rng: np.random.Generator, income: dict[str, Floats]
) -> dict[str, Floats]:
    revenue, shape = income["revenue_lcy"], income["revenue_lcy"].shape
    firm_noise, noise = rng.standard_normal((4, shape[0], 1)), rng.standard_normal((4, *shape))
    scale = np.maximum(revenue, 0.3 * firms["scale_cny"][:, None])
    turnover = mechanism.turnover_median * np.exp(mechanism.turnover_log_sd * firm_noise[0])
    assets = np.rint(scale / turnover * np.exp(0.08 * noise[0]))
    odds = log_odds(mechanism.leverage_median) + mechanism.leverage_log_odds_sd * firm_noise[1]
    odds = odds + mechanism.quality_leverage_log_odds * firms["quality"][:, None]
    liabilities = np.rint(assets * 1.15 * sigmoid(odds + 0.15 * noise[1] - 0.15))
    current = np.rint(
        assets * _share(mechanism.current_assets_share_median, firm_noise[2], noise[2])
    )
    due_share = _share(mechanism.current_liabilities_share_median, firm_noise[3], noise[3])
    due = np.rint(liabilities * due_share)
    equity = assets - liabilities
    return {
        "total_assets_lcy": assets,
        "current_assets_lcy": current,
        "noncurrent_assets_lcy": assets - current,
        **_split(rng, current, ("cash_lcy", "receivables_lcy", "inventory_lcy", "prepayments_lcy")),
        "total_liabilities_lcy": liabilities,
        "current_liabilities_lcy": due,
        "noncurrent_liabilities_lcy": liabilities - due,
        **_split(rng, due, ("payables_lcy", "advances_lcy")),
        "debt_lcy": np.rint(liabilities * 0.6 * rng.random(shape)),
        "total_equity_lcy": equity,
        **_equity_parts(mechanism, firms, rng, assets, income["net_income_lcy"]),
    }


def _share(median: float, firm_noise: Floats, noise: Floats) -> Floats:
    return sigmoid(log_odds(median) + 0.8 * firm_noise + 0.2 * noise)


def _split(
    rng: np.random.Generator, total: Floats, names: tuple[str, ...]
) -> dict[str, NDArray[Any]]:
    parts = rng.gamma(2.0, size=(len(names) + 1, *total.shape))
    shares = parts[:-1] / parts.sum(axis=0)
    return {name: np.floor(total * share) for name, share in zip(names, shares, strict=True)}


def _equity_parts(
    mechanism: Mechanism, firms: Columns, rng: np.random.Generator, assets: Floats, net: Floats
) -> dict[str, Floats]:
    paid_in = np.rint(firms["scale_cny"] * 0.15 * rng.lognormal(0.0, 0.6, len(net)) / 1e4) * 1e4
    start = np.rint(
        assets[:, :1] * (0.12 + mechanism.quality_retained_share * firms["quality"][:, None])
    )
    retained = start + np.cumsum(net, axis=1) - net[:, :1]
    return {
        "capital_stock_lcy": np.repeat(np.maximum(paid_in, 1e4)[:, None], net.shape[1], axis=1),
        "retained_earnings_lcy": retained,
    }
