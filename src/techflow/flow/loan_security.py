"""Loans on collateral: value and haircut of patents, shares and receivables become an LGD."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats
from techflow.flow.loan_numbers import Numbers
from techflow.pricing.security import SECURED, covered_share, secured_lgd

REASONS = (
    "security_unknown",
    "security_value_missing",
    "security_value_negative",
    "advance_out_of_range",
)
"""Why collateral does not count: no such kind, no value, impossible numbers."""
UNSECURED = -1
"""Place of a loan without collateral; below it, of a word that is no kind."""
RECOGNISED = ("receivable",)
"""Collateral that the foundation internal-ratings approach recognises; the standardised approach
recognises none of these (its eligible collateral is financial)."""


def security_columns(
    arrays: Mapping[str, Floats], kinds: NDArray[np.int64], numbers: Numbers
) -> tuple[dict[str, Floats], list[str | None]]:
    """LGD after collateral, and why collateral does not count.

    Patents come at their pledge value: the patents room has taken haircut and cap off already.
    Shares and receivables come at a value and the operator's advance rate, else the day's haircut.
    What is not known or impossible leaves the loan unsecured.

    Args:
        arrays: `lgd` (without collateral), `limit_lcy`, `security_value_cny`,
            `pledge_value_cny`, `advance_share`; NaN is unknown.
        kinds: Place in `SECURED`, `UNSECURED`, or less for a word that is none of them.
        numbers: From `loan_numbers` with `secured`.

    Returns:
        `lgd`, `covered_share` (null where collateral does not count), `irb_covered_share` (what
        the internal-ratings approach recognises); and a code of `REASONS`, or None, by loan.
    """
    patents = kinds == SECURED.index("patent")
    value = np.where(patents, arrays["pledge_value_cny"], arrays["security_value_cny"])
    usual, given = 1.0 - _of_kind(numbers, "haircut_share", kinds), arrays["advance_share"]
    advance = np.where(np.isnan(given) | patents, usual, given)  # of patents nothing is left to cut
    tests = (kinds < UNSECURED, np.isnan(value), value < 0, ~((advance >= 0) & (advance <= 1)))
    told: list[str | None] = [None] * kinds.size
    counts = kinds != UNSECURED
    for code, wrong in zip(REASONS, tests, strict=True):
        for place in np.flatnonzero(wrong & counts):
            told[place] = code
        counts = counts & ~wrong
    covered = np.where(counts, covered_share(value, advance, arrays["limit_lcy"]), np.nan)
    lgd = secured_lgd(
        arrays["lgd"],
        covered,
        covered_lgd=_of_kind(numbers, "covered_lgd", kinds),
        lgd_min=_of_kind(numbers, "lgd_min", kinds),
    )
    found = {"lgd": np.where(counts, lgd, arrays["lgd"]), "covered_share": covered}
    return found | _recognised(arrays["limit_lcy"], value, counts, kinds, numbers), told


def _of_kind(numbers: Numbers, name: str, kinds: NDArray[np.int64]) -> Floats:
    """A number of each loan's kind of collateral; null without one."""
    known = [numbers[f"{kind}_{name}"].value for kind in SECURED]
    return np.where(kinds >= 0, np.array(known)[np.maximum(kinds, 0)], np.nan)


def _recognised(
    amount: Floats, value: Floats, counts: NDArray[np.bool_], kinds: NDArray[np.int64], n: Numbers
) -> dict[str, Floats]:
    """What internal ratings recognise, at the haircut of the rule."""
    if "irb_receivable_haircut_share" not in n:
        return {}
    places = [SECURED.index(kind) for kind in RECOGNISED]
    kept = np.full_like(amount, 1.0 - n["irb_receivable_haircut_share"].value)
    covered = covered_share(value, kept, amount)
    return {"irb_covered_share": np.where(counts & np.isin(kinds, places), covered, 0.0)}


def product_lgd(secured_by: str, *, lent_share: float, numbers: Numbers) -> tuple[float, float]:
    """LGD without collateral, and with it where the product is lent in full.

    Args:
        secured_by: What secures the product.
        lent_share: Most lent on the collateral's value, above 0.
        numbers: From `loan_numbers` with `secured`.

    Returns:
        Both LGDs; equal where the collateral is none of `SECURED`.
    """
    lgd = numbers["lgd"].value
    if secured_by not in SECURED:
        return lgd, lgd
    advance, covered_lgd, lgd_min = (
        numbers[f"{secured_by}_{name}"].value
        for name in ("haircut_share", "covered_lgd", "lgd_min")
    )
    covered = min(1.0, (1.0 - advance) / lent_share)
    found = secured_lgd(
        np.array([lgd]),
        np.array([covered]),
        covered_lgd=np.array([covered_lgd]),
        lgd_min=np.array([lgd_min]),
    )
    return lgd, float(found[0])
