"""Rates of what is due on loans: fees of a scheme, discount and relending of the law."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from techflow.basics import InvalidInput, NotInForce
from techflow.flow.policies import find_law
from techflow.policy import Law
from techflow.policy.params import Number
from techflow.pool import Rate, Said, Scheme

OPERATOR = "operator"
"""Mark of a rate that the operator gave."""
DISCOUNT, RELENDING = "cn.fiscal_discount", "cn.tech_relending"


def fee_rate(scheme: Scheme, number: int | None) -> tuple[Rate, str, str]:
    """Rate of a fee of a scheme, the party that gets it, and the mark of the rate.

    Args:
        scheme: A settled scheme.
        number: Which of its fees, from 1; may be left out if it has one.

    Raises:
        InvalidInput: It has no such fee, or several and none was chosen.
    """
    names = "; ".join(f"{n} {fee.zh} / {fee.en}" for n, fee in enumerate(scheme.fees, 1))
    if number is None and len(scheme.fees) == 1:
        number = 1
    if number is None or not 1 <= number <= len(scheme.fees):
        raise InvalidInput(f"scheme {scheme.id}: choose one of its fees; it has {names or 'none'}")
    fee = scheme.fees[number - 1]
    if not isinstance(fee.rate, Said) or fee.rate.cuts:
        raise InvalidInput(f"fee {fee.en} of {scheme.id} is no plain rate; give the share yourself")
    return Rate(f"{scheme.id} {fee.en}", fee.rate.value, fee.per), fee.payee, fee.rate.mark


def law_rate(
    laws: Mapping[str, Law], route: str, *, on: date, share: Fraction | None = None
) -> tuple[Rate, str]:
    """Rate of the interest discount or of relending on a day, and its mark.

    Args:
        laws: Policy id -> law.
        route: `discount` or `relend`.
        on: Legal date.
        share: The operator's own share instead of the law's.

    Raises:
        InvalidInput: The law names no share on that day and the operator gave none.
    """
    policy, param = (
        (DISCOUNT, "discount_rate_pa") if route == "discount" else (RELENDING, "principal_share")
    )
    found, mark = (share, OPERATOR) if share else _number(laws, policy, param, on)
    if route == "relend":
        return Rate(policy, found, "once", down=True), mark
    months, _ = _number(laws, policy, "discount_months_max", on)
    return replace(Rate(policy, found), months_max=int(months)), mark


def _number(laws: Mapping[str, Law], policy: str, param: str, on: date) -> tuple[Fraction, str]:
    try:
        term = find_law(laws, policy).params.at(param, on)
    except NotInForce as error:
        raise InvalidInput(f"{error}; it is not published for that day: give --rate") from error
    assert isinstance(term, Number)  # noqa: S101
    return term.value, str(term.source.mark)
