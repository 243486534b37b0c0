"""Warrants that come with loans: default, growth and usual terms meet."""

from dataclasses import replace
from datetime import date

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics import Floats, Frame, InvalidInput
from techflow.flow.loan_rows import Bound, Columns, Screen
from techflow.flow.policies import KEY, Laws, judge_policies
from techflow.flow.protecting import PD, YEARS_MAX, firm_hazards
from techflow.pricing.hazard import Curve, Hazards
from techflow.pricing.warrant import (
    Warrant,
    bullet_duration,
    forecast_terms,
    loan_uplift,
    strike_share,
    value_european,
)
from techflow.pricing.warrant_tree import value_american

USUAL = "cn.loan_warrant"
EXERCISES = ("european", "american")
MONTHS_MAX = 12.0 * YEARS_MAX
MONTHS = ("loan_term_months", "warrant_term_months")
TERMS = (
    Bound("loan_cny", "贷款本金", "principal", 0.0, np.inf, above=True, below=True),
    Bound("loan_term_months", "贷款期限", "term of the loan", 0.0, MONTHS_MAX, above=True),
    Bound("equity_cny", "企业估值", "value of equity", 0.0, np.inf, above=True, below=True),
    Bound("warrant_term_months", "认股权期限", "term of the warrant", 0.0, MONTHS_MAX, above=True),
    PD,
    Bound("exit_cost_share", "退出成本", "cost of exit", 0.0, 1.0, below=True, default=0.0),
)
VOLATILITY = Bound("volatility", "波动率", "volatility", 0.0, 5.0, above=True)
GROWTH = tuple(
    Bound(f"growth_{name}", f"增长{zh}", f"{name} of growth", -20.0, 20.0)
    for name, zh in (("median", "中位数"), ("low", "下端"), ("high", "上端"))
)
RESULTS = (
    "subscription_cny",
    "equity_share",
    "strike_cny",
    "alive_share",
    "warrant_cny",
    "duration_years",
    "uplift_rate_pa",
)


def price_warrants(
    rows: Columns,
    *,
    rate_pa: float,
    dividend_rate_pa: float = 0.0,
    exercise: str = "european",
    matrix: Floats | None = None,
    card: tuple[float, float] | None = None,
    required_rate_pa: float | None = None,
) -> dict[str, Floats | list[str | None]]:
    """Value the warrant of each row and what it adds to the yield of its loan.

    Args:
        rows: `loan_cny`, `loan_term_months`, `equity_cny` (last round, before subscription),
            `warrant_term_months`, `pd`, `volatility` or the three `growth_*` of a card;
            `warrant_subscription_cny` or `subscription_share` of the loan;
            `warrant_equity_share` (where unknown, what the subscription buys at `equity_cny`)
            and `exit_cost_share` (0 where unknown).
        rate_pa: Riskless rate, continuous.
        dividend_rate_pa: Dividends over equity value, continuous.
        exercise: One of `EXERCISES`.
        matrix: Migration matrix for PDs of later years.
        card: Horizon in years and share of the interval of the card of growth.
        required_rate_pa: What the holder asks of such equity, continuous: adds `forecast_cny`,
            the gain expected at the end under the card's growth, discounted at it.

    Returns:
        Columns, one value per row in the same order: `RESULTS`, `forecast_cny` if asked for,
        `reason_code`, `reason_zh`, `reason_en` where there is no value.

    Raises:
        InvalidInput: An argument is out of range.
        MissingColumn: A column is absent.
    """
    if exercise not in EXERCISES:
        raise InvalidInput(f"exercise must be one of {', '.join(EXERCISES)}; got {exercise!r}")
    forecast = GROWTH[0].name in rows
    if forecast and card is None:
        raise InvalidInput("growth of a card needs its horizon in years and its interval share")
    if required_rate_pa is not None and not forecast:
        raise InvalidInput("a forecast value needs growth_median, growth_low and growth_high")
    volatility = () if forecast and VOLATILITY.name not in rows else (VOLATILITY,)
    screen = Screen.of(rows, [*TERMS, *(GROWTH if forecast else ()), *volatility])
    _find_subscription(screen, rows)
    if card is not None and forecast:
        _read_card(screen, card)
    pd, years = screen.take("pd"), np.zeros(1)
    years = np.concatenate([years, *(screen.take(name) for name in MONTHS)]) / 12.0
    hazards = firm_hazards(pd, years=float(years.max()), matrix=matrix)
    warrant = _warrant(screen, growth_rate_pa=rate_pa - dividend_rate_pa, rate_pa=rate_pa)
    value = value_american if exercise == "american" else value_european
    found = _results(screen, warrant, hazards, value(warrant, hazards), rate_pa)
    if required_rate_pa is not None:
        hoped = _forecast(screen, warrant, hazards, required_rate_pa)
        found["forecast_cny"] = screen.place(value_european(hoped, hazards))
    broken = screen.fine & np.isnan(found["warrant_cny"])
    screen.mark(
        broken, "steps_too_few", "波动率过低，树形无法定价", "volatility too low for the tree"
    )
    cleared = {name: np.where(broken, np.nan, each) for name, each in found.items()}
    return cleared | screen.told()


def _find_subscription(screen: Screen, rows: Columns) -> None:
    """Amount and share of equity, given or derived, into the values of the screen."""
    unknown = np.full(screen.fault.size, np.nan)
    given = rows.get("warrant_subscription_cny", unknown)
    by_share = rows.get("subscription_share", unknown) * screen.values["loan_cny"]
    subscription = np.where(np.isnan(given), by_share, given)
    bad = ~((subscription > 0) & (subscription < np.inf))
    screen.mark_unknown(bad, "warrant_subscription_cny", "认购金额", "amount subscribed")
    equity = screen.values["equity_cny"]
    with np.errstate(invalid="ignore", divide="ignore"):
        bought = strike_share(subscription, equity)
    share = rows.get("warrant_equity_share", unknown)
    share = np.where(np.isnan(share), bought, share)
    bad = ~((share > 0) & (share < 1))
    screen.mark_unknown(bad, "warrant_equity_share", "占总股本比例", "share of equity")
    screen.values |= {"warrant_subscription_cny": subscription, "warrant_equity_share": share}


def _read_card(screen: Screen, card: tuple[float, float]) -> None:
    """Growth and volatility a card implies; a volatility of the row's own is kept."""
    median, low, high = (screen.values[bound.name] for bound in GROWTH)
    wrong = "增长区间上下端颠倒", "the ends of growth are not in order"
    screen.mark(~((low < high) & (low <= median) & (median <= high)), "growth_disordered", *wrong)
    horizon, share = card
    ends = (screen.take(bound.name) for bound in GROWTH)
    growth, sigma = forecast_terms(*ends, interval_share=share, horizon_years=horizon)
    screen.values |= {"card_growth": screen.place(growth), "card_volatility": screen.place(sigma)}
    screen.values.setdefault(VOLATILITY.name, screen.values["card_volatility"])


def _warrant(screen: Screen, *, growth_rate_pa: float, rate_pa: float) -> Warrant:
    years = screen.take("warrant_term_months") / 12.0
    return Warrant(
        equity_cny=screen.take("equity_cny"),
        equity_share=screen.take("warrant_equity_share"),
        subscription_cny=screen.take("warrant_subscription_cny"),
        term_years=years,
        volatility=screen.take(VOLATILITY.name),
        growth_rate_pa=np.full(years.size, float(growth_rate_pa)),
        rate_pa=np.full(years.size, float(rate_pa)),
        exit_cost_share=screen.take("exit_cost_share"),
    )


def _forecast(screen: Screen, warrant: Warrant, hazards: Hazards, required: float) -> Warrant:
    """The warrant as the card sees it: firms that live grow so, the others lose all."""
    dying = -np.log(hazards.survive(warrant.term_years)) / warrant.term_years
    return replace(
        warrant,
        volatility=screen.take("card_volatility"),
        growth_rate_pa=screen.take("card_growth") - dying,
        rate_pa=np.full(dying.size, required),
    )


def _results(
    screen: Screen, warrant: Warrant, hazards: Hazards, worth: Floats, rate_pa: float
) -> dict[str, Floats]:
    loan_years = screen.take("loan_term_months") / 12.0
    duration = bullet_duration(hazards, Curve.flat(rate_pa), loan_years)
    found = (
        warrant.subscription_cny,
        warrant.equity_share,
        warrant.strike_cny,
        hazards.survive(warrant.term_years),
        worth,
        duration,
        loan_uplift(worth, screen.take("loan_cny"), duration),
    )
    return {name: screen.place(each) for name, each in zip(RESULTS, found, strict=True)}


def judge_usual_terms(loans: Frame, laws: Laws, *, on: date) -> Frame:
    """Whether warrants keep to usual terms, by the policy `USUAL`.

    Args:
        loans: One row per `firm_id` with the facts of the policy that are known.
        laws: Policy id -> law.
        on: Legal date.

    Returns:
        `firm_id`, `usual_terms` (null: undecided) and `equity_class`.
    """
    judged = judge_policies(loans, laws, [USUAL], on=on)
    prefix = USUAL.replace(".", "_")
    return judged.select(
        KEY,
        usual_terms=nw.col(f"{prefix}__answer"),
        equity_class=nw.col(f"{prefix}__equity_class"),
    )
