"""Risk-sharing schemes with the numbers of the policy library filled in."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from techflow.basics import InvalidInput
from techflow.flow.policies import find_law
from techflow.policy import Law, Params
from techflow.policy.params import Codes, Number, Table
from techflow.pool import Cut, Ref, Said, Scheme, check_scheme


def settle_on(scheme: Scheme, laws: Mapping[str, Law], *, on: date) -> Scheme:
    """A scheme as it stands on a day, checked.

    Args:
        scheme: As written.
        laws: Policy id -> law; the parameters it names are taken from them.
        on: Legal date.

    Raises:
        InvalidInput: A policy or parameter does not exist, or a static check fails.
        NotInForce: The scheme or one of its parameters has no value on that day.
    """
    scheme.check_day(on)
    found = {ref: _said(scheme, laws, ref, on) for ref in scheme.refs}
    settled = scheme.settle(found)
    check_scheme(settled)
    return settled


def change_days(scheme: Scheme, laws: Mapping[str, Law]) -> list[date]:
    """Every day on which a number of the scheme changes while it is in force, the first first.

    Args:
        scheme: As written.
        laws: Policy id -> law.

    Raises:
        InvalidInput: A policy or parameter does not exist.
    """
    days = {scheme.since}
    for ref in scheme.refs:
        days |= {row.since for row in _params(scheme, laws, ref).rows[ref.param]}
    return sorted(
        day for day in days if scheme.since <= day and (not scheme.until or day < scheme.until)
    )


def _params(scheme: Scheme, laws: Mapping[str, Law], ref: Ref) -> Params:
    try:
        params = find_law(laws, ref.policy).params
    except InvalidInput as error:
        raise InvalidInput(f"scheme {scheme.id}: {error}") from None
    if ref.param not in params.rows:
        raise InvalidInput(
            f"scheme {scheme.id}: policy {ref.policy} has no parameter {ref.param}; "
            f"it has {', '.join(sorted(params.rows))}"
        )
    return params


def _said(scheme: Scheme, laws: Mapping[str, Law], ref: Ref, on: date) -> Said:
    term = _params(scheme, laws, ref).at(ref.param, on)
    source = term.source
    about = (source.unit, source.reference, str(source.mark), ref)
    match term:
        case Number(value=value):
            return Said(value, *about, since=source.since)
        case Table(cuts=cuts, otherwise=otherwise):
            own = tuple(Cut(cut.op, cut.at, cut.points) for cut in cuts)
            return Said(otherwise, *about, cuts=own, since=source.since)
        case Codes(codes=codes):
            return Said(Fraction(0), *about, codes=codes, since=source.since)
