"""Projects and the providers of patient money, matched and explained. Needs the extra `statistics`.

Not imported with the other flows: a core installation lacks the extra.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.flow.policies import judge_policies
from techflow.matching.project_pairs import judge_project_pairs
from techflow.matching.project_reasons import ProjectReasons, explain_projects
from techflow.matching.projects import Funded, ProjectMarket, fund_projects
from techflow.policy import Law
from techflow.policy.params import Number, Source, Table

LAW = "cn.insurance_equity"
CEILING, ONE_FUND = "equity_ceiling_share", "venture_fund_share_max"


@dataclass(frozen=True, slots=True)
class FundedMarket:
    """A market of projects, matched and explained."""

    market: ProjectMarket
    found: Funded
    reasons: ProjectReasons


def limit_providers(providers: Frame, laws: Mapping[str, Law], *, on: date) -> Frame:
    """Add what the law of a day lets each insurer hold.

    Args:
        providers: Rows with `provider_id`, `insured`, `solvency_share` (comprehensive solvency
            ratio of the last quarter), `assets_cny` (total assets) and `equity_cny` (equity assets
            held).
        laws: Policy id -> law.
        on: Legal date.

    Returns:
        The same rows plus `equity_ceiling_share`, `equity_room_cny` (what it may add; never below
        0, null if something is unknown or it is no insurer) and `fund_share_max`.

    Raises:
        InvalidInput: The law is not among them.
        NotInForce: It is not in force on that day.
    """
    asked = ("provider_id", "insured", "solvency_share", "assets_cny", "equity_cny")
    require_columns(providers, asked, needed_by="limit_providers")
    facts = providers.select(firm_id="provider_id", solvency_share="solvency_share")
    judged = judge_policies(facts, laws, [LAW], on=on)
    told = f"{LAW.replace('.', '_')}__{CEILING}"
    ceilings = judged.select(provider_id="firm_id", ceiling=nw.col(told))
    insured = nw.when(nw.col("insured"))
    room = nw.col("ceiling") * nw.col("assets_cny") - nw.col("equity_cny")
    share = float(_number(laws[LAW].params.at(ONE_FUND, on)).value)
    return (
        providers.join(ceilings, on="provider_id", how="left")
        .with_columns(
            equity_ceiling_share=insured.then(nw.col("ceiling")),
            equity_room_cny=insured.then(nw.when(room < 0).then(nw.lit(0.0)).otherwise(room)),
            fund_share_max=insured.then(nw.lit(share)),
        )
        .drop("ceiling")
    )


def legal_sources(laws: Mapping[str, Law], *, on: date) -> dict[str, Source]:
    """Document and mark of the two legal limits in force on a day.

    Args:
        laws: Policy id -> law.
        on: Legal date.
    """
    params = laws[LAW].params
    ceiling, share = params.at(CEILING, on), params.at(ONE_FUND, on)
    if not isinstance(ceiling, Table):
        raise InvalidInput(f"{CEILING} of {LAW} must be steps; got {ceiling}")
    return {CEILING: ceiling.source, "fund_share_max": _number(share).source}


def weigh_projects(pairs: Frame, mandates: Frame) -> Frame:
    """Which provider may take which project: see `judge_project_pairs`.

    Args:
        pairs: Pairs with all that judges them.
        mandates: What providers are limited to.
    """
    return judge_project_pairs(pairs, mandates=mandates)


def match_projects(market: ProjectMarket) -> FundedMarket:
    """Give providers' money to projects, with proof and reasons.

    Args:
        market: Only allowed pairs.
    """
    found = fund_projects(market)
    return FundedMarket(market, found, explain_projects(market, found))


def _number(term: object) -> Number:
    if not isinstance(term, Number):
        raise InvalidInput(f"{ONE_FUND} of {LAW} must be a number; got {term}")
    return term
