"""The numbers of a loan's price on a day: each from one place, with its source and mark."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from techflow.basics import InvalidInput, NotInForce
from techflow.flow.policies import Laws, find_law
from techflow.policy.params import Number
from techflow.pricing import TOOLS, Terms, check_tools
from techflow.pricing.security import SECURED

RELENDING, DISCOUNT, PLAN = "cn.tech_relending", "cn.fiscal_discount", "cn.special_guarantee_plan"
SUBSIDY, WEIGHTS, IRB = "cn.tech_insurance_subsidy", "cn.risk_weight", "cn.irb_option"
POOLS = ("cn.guangzhou_pool_bank", "cn.zhuhai_pool")
"""Compensation pools a price can use."""
LAWFUL = {
    "relending": (
        (RELENDING, "rate_pa", "relending_rate_pa"),
        (RELENDING, "term_months", "relending_months"),
        (RELENDING, "rollovers_n", "relending_rollovers_n"),
    ),
    "guarantee": (
        (PLAN, "guarantee_share_max", "guarantee_share"),
        (PLAN, "borrower_cny_max", "guarantee_cny_max"),
        (WEIGHTS, "investment_grade_weight", "guarantee_weight_ratio"),
    ),
    "insurance": (
        (SUBSIDY, "subsidy_rate", "premium_subsidy_share"),
        (SUBSIDY, "firm_year_cny_max", "premium_subsidy_cny_max"),
    ),
    "discount": (
        (DISCOUNT, "discount_rate_pa", "discount_rate_pa"),
        (DISCOUNT, "discount_months_max", "discount_months"),
    ),
    "irb": (
        (IRB, "pd_floor_share", "irb_pd_min"),
        (IRB, "lgd_corporate", "irb_lgd"),
        (IRB, "sme_factor", "irb_size_factor"),
        (IRB, "sme_revenue_cny_min", "irb_sales_cny_min"),
        (IRB, "sme_revenue_cny_max", "irb_sales_cny_max"),
    ),
}
"""Numbers of law by what uses them: policy, parameter, name here."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A number with who says so.

    Attributes:
        value: The number.
        zh: Chinese label.
        en: English label.
        reference: Document and clause, Chinese / English.
        mark: `text`, `unverified` (with confidence) or `proposal`; `operator` for an input.
        since: First day in force; None for an input.
    """

    value: float
    zh: str
    en: str
    reference: str
    mark: str
    since: date | None = None


Numbers = Mapping[str, Quoted]


def loan_numbers(
    laws: Laws,
    terms: Mapping[str, Terms],
    *,
    on: date,
    tools: tuple[str, ...],
    relending_share: float | None = None,
    irb: bool = False,
    secured: bool = False,
) -> dict[str, Quoted]:
    """Every number a price on a day rests on, by name.

    Args:
        laws: Policy id -> law; the numbers of public tools are theirs.
        terms: Terms of the lending product (`loan`), of the guaranteed one (`guarantee`), and
            the rest (`price`).
        on: Legal date.
        tools: Tools used.
        relending_share: Share of the principal refinanced by the central bank; needed where no
            text gives it.
        irb: True to hold capital by internal ratings.
        secured: True to add the numbers of collateral.

    Raises:
        InvalidInput: A tool is unknown, or the relending share is needed or out of its range.
        NotInForce: A tool's law has no text or number on that day.
    """
    used = check_tools(tools)
    unused = {*TOOLS, *(() if secured else SECURED), *(() if irb and secured else ("irb",))}
    found = {**_terms_on(terms["loan"], on), **_terms_on(terms["price"], on, unused - {*used})}
    for user in (*used, *(["irb"] if irb else [])):
        for policy, param, name in LAWFUL.get(user, ()):
            found[name] = _of_law(laws, policy, param, on)
    if "relending" in used:
        found["relending_share"] = _relending_share(laws, on, relending_share)
    elif relending_share is not None:
        raise InvalidInput("a relending share without the tool relending; add it to the tools")
    if "guarantee" in used:
        found["guarantee_fee_rate_pa"] = _terms_on(terms["guarantee"], on)["fee_rate_pa"]
    return found


def _terms_on(terms: Terms, on: date, unused: Collection[str] = ()) -> dict[str, Quoted]:
    """Terms in force, without those of tools and collateral that are not used."""
    spared = {
        name: history
        for name, history in terms.histories.items()
        if name.partition("_")[0] not in unused
    }
    return {
        term.name: Quoted(term.value, term.zh, term.en, term.reference, term.status, term.since)
        for term in Terms(spared).in_force(on)
    }


def _of_law(laws: Laws, policy: str, param: str, on: date) -> Quoted:
    law = find_law(laws, policy)
    term = law.params.at(param, on)
    if not isinstance(term, Number):
        raise InvalidInput(f"{policy}: {param} must be one number to price with; it is a table")
    source, text = term.source, law.version_on(on)
    mark = max(source.mark, text.mark, key=lambda each: each.rank)  # the weaker of the two
    told = f"{source.reference} / {policy}, {source.since}"
    return Quoted(float(term.value), source.zh, source.en, told, str(mark), source.since)


def _relending_share(laws: Laws, on: date, given: float | None) -> Quoted:
    """The published share while there is one, then the operator's."""
    published = _try(lambda: _of_law(laws, RELENDING, "principal_share", on))
    most = _try(lambda: _of_law(laws, RELENDING, "principal_share_max", on))
    high = most.value if most else 1.0
    if given is None:
        if published:
            return published
        raise InvalidInput(
            f"the relending share of the principal is not published for {on}; give it as "
            f"--relending-share, between 0 and {high:g}"
        )
    if not 0.0 <= given <= high:
        raise InvalidInput(f"the relending share must be between 0 and {high:g}; got {given:g}")
    return Quoted(
        given,
        "再贷款占贷款本金比例",
        "Relending as a share of loan principal",
        f"操作员输入（范围0至{high:g}） / entered by the operator (0 to {high:g})",
        "operator",
    )


def _try(find: Callable[[], Quoted]) -> Quoted | None:
    try:
        return find()
    except NotInForce:
        return None
