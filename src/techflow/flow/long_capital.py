"""Long-term capital: the law's ceiling on an insurer's equity as a limit of an allocation."""

from fractions import Fraction

from techflow.basics import InvalidInput
from techflow.policy.params import Cut, Table, Term


def share_in_band(term: Term, at: Fraction) -> Fraction:
    """What a table of law gives for a measure.

    Args:
        term: Brackets in force, such as the equity ceiling by solvency ratio.
        at: The measure, exact: both sides of an edge are told apart.

    Raises:
        InvalidInput: The parameter is no table.

    Examples:
        >>> from datetime import date
        >>> from techflow.policy import Params
        >>> spec = {"zh": "", "en": "", "unit": "share", "op": ">=", "checked_on": date(2026, 1, 1),
        ...         "values": [{"since": date(2025, 4, 8), "steps": [["150%", "30%"]],
        ...                     "otherwise": "20%", "reference": "a", "status": "text"}]}
        >>> term = Params.from_data({"ceiling": spec}).at("ceiling", date(2026, 1, 1))
        >>> [float(share_in_band(term, Fraction(x, 1000))) for x in (1499, 1500)]
        [0.2, 0.3]
    """
    if not isinstance(term, Table):
        raise InvalidInput("the limit of a holder must be a table of brackets in its policy")
    return next((cut.points for cut in term.cuts if _meets(cut, at)), term.otherwise)


def _meets(cut: Cut, at: Fraction) -> bool:
    return {
        ">=": at >= cut.at,
        ">": at > cut.at,
        "<=": at <= cut.at,
        "<": at < cut.at,
    }[cut.op]
