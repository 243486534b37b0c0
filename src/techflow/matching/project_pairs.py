"""Which provider may put how much into which project, and what it gains by each yuan."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.matching.pairs import MANDATES, mark_listed, name_first

PROJECT_KINDS = ("venture_fund", "unlisted_equity", "star_shares", "debt")
EQUITY_KINDS = PROJECT_KINDS[:3]
"""Kinds that count as equity assets of an insurer."""
PROJECT_MANDATES = (*MANDATES, "kind")
PROJECT_REFUSALS = (
    *PROJECT_MANDATES,
    *("horizon_unknown", "horizon_short", "horizon_long", "risk_unknown", "risk_high"),
    *("ceiling_unknown", "paid_in_unknown", "return_unknown", "return_low"),
)
"""Why a provider may not take a project; the first that holds is named."""
PAIR_LIMITS = ("one_fund", "project_share", "one_project", "ticket_max", "need")
"""What bounds a single ticket; of equal ones the first is named."""
JUDGED_PROJECTS = (
    *("provider_id", "project_id", *PROJECT_MANDATES, "insured"),
    *("need_cny", "paid_in_cny", "horizon_years", "expected_return_pa", "return_sd_pa"),
    *("assets_cny", "equity_room_cny", "fund_share_max", "project_share_max"),
    *("one_project_share_max", "amount_cny_max", "horizon_years_min", "horizon_years_max"),
    *("required_return_pa", "return_sd_pa_max", "capital_cost_rate_pa", "risk_factor_ratio"),
)


def judge_project_pairs(pairs: Frame, *, mandates: Frame) -> Frame:
    """Say of each pair of provider and project whether it may be, how far, and what it gains.

    Args:
        pairs: Rows with `JUDGED_PROJECTS`. `insured` is true for an insurer: shares count towards
            its room for equity (`equity_room_cny`), and one venture fund is bound to
            `fund_share_max` of what is paid in. `expected_return_pa` is after expected losses,
            `return_sd_pa` its standard deviation. Without `capital_cost_rate_pa` the required
            return stands for capital too. Limits that are null do not bind.
        mandates: One row per value a provider is limited to: `provider_id`, `about` (one of
            `PROJECT_MANDATES`), `value`.

    Returns:
        The same rows plus `gain_rate_pa` (what the provider gains a year by each yuan, above what
        it requires and what the risk factor ties up), `equity` (counts towards the room),
        `cap_cny` and `cap_code` (most of one ticket, and which of `PAIR_LIMITS` sets it), and
        `refusal_code` (one of `PROJECT_REFUSALS`, null if both accept). What is unknown is never
        within a limit.

    Raises:
        MissingColumn: A column is not there.

    Source:
        Ceilings of insurers: 金规〔2025〕12号; charge for tied-up capital: cost of capital method,
        Directive 2009/138/EC, article 77(5).
    """
    require_columns(pairs, JUDGED_PROJECTS, needed_by="judge_project_pairs")
    require_columns(mandates, ("provider_id", "about", "value"), needed_by="judge_project_pairs")
    marked = pairs.with_columns(
        product_id=nw.col("provider_id"), gain_rate_pa=_gain(), equity=_equity(), **_caps()
    )
    named = mandates.with_columns(product_id=nw.col("provider_id"))
    for about in PROJECT_MANDATES:
        marked = mark_listed(marked, named, about)
    code = name_first(*_tests()[-1])
    for name, broken in reversed(_tests()[:-1]):
        code = name_first(name, broken, code)
    least = nw.min_horizontal(*_caps())
    cap_code = name_first(PAIR_LIMITS[-1], nw.lit(True))
    for name in reversed(PAIR_LIMITS[:-1]):
        cap_code = name_first(name, (nw.col(f"cap_{name}_cny") <= least).fill_null(False), cap_code)
    flags = [f"{word}_{about}" for about in PROJECT_MANDATES for word in ("limited", "listed")]
    return marked.with_columns(refusal_code=code, cap_cny=least, cap_code=cap_code).drop(
        *flags, *_caps(), "product_id"
    )


def _gain() -> nw.Expr:
    free = nw.col("capital_cost_rate_pa").is_null()
    charge = nw.col("capital_cost_rate_pa") * nw.col("risk_factor_ratio")
    charge = nw.when(free).then(nw.lit(0.0)).otherwise(charge)
    return nw.col("expected_return_pa") - nw.col("required_return_pa") - charge


def _equity() -> nw.Expr:
    return nw.col("insured") & nw.col("kind").is_in(list(EQUITY_KINDS)).fill_null(False)


def _caps() -> dict[str, nw.Expr]:
    """Most of one ticket by each of `PAIR_LIMITS`; null is no bound."""
    one_fund = nw.when(nw.col("insured") & (nw.col("kind") == "venture_fund"))
    return {
        "cap_one_fund_cny": one_fund.then(nw.col("fund_share_max") * nw.col("paid_in_cny")),
        "cap_project_share_cny": nw.col("project_share_max") * nw.col("need_cny"),
        "cap_one_project_cny": nw.col("one_project_share_max") * nw.col("assets_cny"),
        "cap_ticket_max_cny": nw.col("amount_cny_max"),
        "cap_need_cny": nw.col("need_cny"),
    }


def _tests() -> list[tuple[str, nw.Expr]]:
    horizon, risk = nw.col("horizon_years"), nw.col("return_sd_pa")
    low, high = nw.col("horizon_years_min"), nw.col("horizon_years_max")
    fund = nw.col("insured") & (nw.col("kind") == "venture_fund").fill_null(False)
    outside = [
        (about, ~nw.col(f"limited_{about}").is_null() & nw.col(f"listed_{about}").is_null())
        for about in PROJECT_MANDATES
    ]
    return [
        *outside,
        ("horizon_unknown", horizon.is_null() & ~(low.is_null() & high.is_null())),
        ("horizon_short", (horizon < low).fill_null(False)),
        ("horizon_long", (horizon > high).fill_null(False)),
        ("risk_unknown", risk.is_null() & ~nw.col("return_sd_pa_max").is_null()),
        ("risk_high", (risk > nw.col("return_sd_pa_max")).fill_null(False)),
        ("ceiling_unknown", nw.col("equity") & nw.col("equity_room_cny").is_null()),
        ("paid_in_unknown", fund & nw.col("paid_in_cny").is_null()),
        ("return_unknown", nw.col("gain_rate_pa").is_null()),
        ("return_low", (nw.col("gain_rate_pa") < 0).fill_null(False)),
    ]
