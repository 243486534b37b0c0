"""How large a claim is, and what a cover pays of it: limited moments in closed form."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.basics.normal import normal_cdf

LAWS = ("lognormal", "gamma")


@dataclass(frozen=True, slots=True)
class Severity:
    """Losses of one claim, one law for all rows.

    Attributes:
        law: One of `LAWS`.
        mean_cny: Mean loss, above 0, shape (n,).
        cv_ratio: Standard deviation over mean, above 0, shape (n,).
    """

    law: str
    mean_cny: Floats
    cv_ratio: Floats

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise InvalidInput(f"law must be one of {', '.join(LAWS)}; got {self.law!r}")
        for name in ("mean_cny", "cv_ratio"):
            values = getattr(self, name)
            if not bool(np.all((values > 0) & np.isfinite(values))):
                raise InvalidInput(f"{name} must be above 0 and finite; got {values.min()}")

    def limited_moment(self, limit_cny: Floats, k: int) -> Floats:
        """Mean of the k-th power of the smaller of a loss and a limit.

        Args:
            limit_cny: 0 or more; infinity is no limit; shape (n,) or (n, q).
            k: 1 or 2.

        Returns:
            Yuan to the power of k, in the shape of the limit.

        Raises:
            InvalidInput: The law is gamma and SciPy is not installed.

        Source:
            Klugman, Panjer and Willmot (2012), Loss Models, 4th ed., appendix A: lognormal A.5.1,
            gamma A.3.2.

        Examples:
            >>> one = Severity("lognormal", np.array([100.0]), np.array([1.0]))
            >>> one.limited_moment(np.array([np.inf]), 1).round(6)
            array([100.])
        """
        shape = (-1,) + (1,) * (limit_cny.ndim - 1)
        mean, cv = self.mean_cny.reshape(shape), self.cv_ratio.reshape(shape)
        parts = _lognormal_parts if self.law == "lognormal" else _gamma_parts
        below, above = parts(mean, cv, limit_cny, k)
        cut = np.where(np.isinf(limit_cny), 0.0, limit_cny)
        return np.asarray(below + cut**k * above, np.float64)


@dataclass(frozen=True, slots=True)
class Cover:
    """What an insurer pays of each claim, each array of shape (n,).

    Attributes:
        deductible_cny: Borne by the firm in each claim, 0 or more.
        limit_cny: Most of a claim above the deductible that is covered, above 0; infinity is none.
        paid_share: Part of the covered loss the insurer pays, in (0, 1].
    """

    deductible_cny: Floats
    limit_cny: Floats
    paid_share: Floats

    def __post_init__(self) -> None:
        bounds = {
            "deductible_cny": (
                (self.deductible_cny >= 0) & np.isfinite(self.deductible_cny),
                "0 or more and finite",
            ),
            "limit_cny": (self.limit_cny > 0, "above 0"),
            "paid_share": ((self.paid_share > 0) & (self.paid_share <= 1), "in (0, 1]"),
        }
        for name, (fine, allowed) in bounds.items():
            if not bool(np.all(fine)):
                raise InvalidInput(f"{name} must be {allowed}; got {getattr(self, name)[~fine][0]}")

    @property
    def ends_cny(self) -> Floats:
        """Loss above which nothing more is paid."""
        return self.deductible_cny + self.limit_cny

    def moments(self, severity: Severity) -> tuple[Floats, Floats]:
        """Mean and mean square of what is paid per claim, claims paid nothing included.

        Source:
            Klugman, Panjer and Willmot (2012), Loss Models, 4th ed., theorems 8.7 and 8.8.

        Examples:
            >>> half = Cover(np.array([0.0]), np.array([np.inf]), np.array([0.5]))
            >>> one = Severity("lognormal", np.array([100.0]), np.array([1.0]))
            >>> [x.round(4).tolist() for x in half.moments(one)]  # 1/4 of 100^2 (1 + 1)
            [[50.0], [5000.0]]
        """
        low, high = self.deductible_cny, self.ends_cny
        first = severity.limited_moment(high, 1) - severity.limited_moment(low, 1)
        square = severity.limited_moment(high, 2) - severity.limited_moment(low, 2)
        square = np.maximum(square - 2.0 * low * first, 0.0)
        return self.paid_share * first, self.paid_share**2 * square

    def limited_payment(self, severity: Severity, most_cny: Floats) -> Floats:
        """Mean of the smaller of what is paid per claim and other limits, shape (n, q)."""
        share, low = self.paid_share[:, None], self.deductible_cny[:, None]
        until = np.minimum(low + most_cny / share, self.ends_cny[:, None])
        spared = severity.limited_moment(low, 1)
        return share * (severity.limited_moment(until, 1) - spared)

    def loss_elimination(self, severity: Severity) -> Floats:
        """Part of the expected loss that the deductible keeps with the firm.

        Source:
            Klugman, Panjer and Willmot (2012), Loss Models, 4th ed., definition 8.4.
        """
        spared = severity.limited_moment(self.deductible_cny, 1)
        return np.asarray(spared / severity.mean_cny, np.float64)


def _lognormal_parts(mean: Floats, cv: Floats, limit: Floats, k: int) -> tuple[Floats, Floats]:
    """Moment of losses below the limit, and chance of a loss above."""
    variance = np.log1p(cv**2)
    sigma, centre = np.sqrt(variance), np.log(mean) - variance / 2.0
    with np.errstate(divide="ignore"):
        z = (np.log(limit) - centre) / sigma
    whole = np.exp(k * centre + k * k * variance / 2.0)
    return whole * normal_cdf(z - k * sigma), normal_cdf(-z)


def _gamma_parts(mean: Floats, cv: Floats, limit: Floats, k: int) -> tuple[Floats, Floats]:
    """As `_lognormal_parts`."""
    special = _special()
    alpha = cv**-2.0
    scale = mean / alpha
    whole = scale**k * alpha * (alpha + 1.0 if k == 2 else 1.0)
    return whole * special.gammainc(alpha + k, limit / scale), special.gammaincc(
        alpha, limit / scale
    )


@cache
def _special() -> Any:
    """SciPy's special functions, which a core install lacks.

    Raises:
        InvalidInput: The extra `train` is not installed.
    """
    try:
        from scipy import special
    except ImportError as error:
        raise InvalidInput(
            "gamma losses need SciPy, which is not installed; run pip install 'techflow[train]', "
            "or take lognormal losses"
        ) from error
    return special
