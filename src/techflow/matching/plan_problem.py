"""The choice of products for one firm, as arrays."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, InvalidInput

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """Amounts of products that add up to what is asked for, at the least cost a year.

    Attributes:
        cost: Cost a year of each yuan, shape (products,).
        fixed_cost_cny: Cost a year of having the product at all.
        low_cny: Least amount if the product is used.
        high_cny: Greatest amount; what is asked for bounds it too.
        use: What each yuan uses of each shared room, >= 0, shape (rooms, products).
        fixed_use: What having the product uses, >= 0.
        room: What there is of each, shape (rooms,).
        amount_cny_min: Least sum of all amounts.
        amount_cny_max: Greatest sum.
        products_n_max: Most products used at once.
    """

    cost: Floats
    fixed_cost_cny: Floats
    low_cny: Floats
    high_cny: Floats
    use: Floats
    fixed_use: Floats
    room: Floats
    amount_cny_min: float
    amount_cny_max: float
    products_n_max: int

    @property
    def products_n(self) -> int:
        """Products on offer."""
        return self.cost.size

    def of(self, kept: Flags) -> "PlanProblem":
        """The same problem with some of the products."""
        return replace(
            self,
            **{
                name: getattr(self, name)[..., kept]
                for name in ("cost", "fixed_cost_cny", "low_cny", "high_cny", "use", "fixed_use")
            },
        )


def build_plan(
    costs: tuple[Floats, Floats],
    bounds_cny: tuple[Floats, Floats],
    uses: tuple[Floats, Floats, Floats],
    *,
    amount_cny: float,
    products_n_max: int,
) -> PlanProblem:
    """A checked problem.

    Args:
        costs: Cost a year of each yuan, and of having the product, both >= 0.
        bounds_cny: Least and greatest amount of each product; infinite is no bound.
        uses: Use of each room by each yuan and by having the product, shape (rooms, products),
            and the rooms; a room without bound is left out.
        amount_cny: What is asked for.
        products_n_max: Most products at once.

    Raises:
        InvalidInput: A number lies outside its range.

    Examples:
        >>> one, none = np.ones(2), np.zeros((0, 2))
        >>> problem = build_plan(
        ...     (0.05 * one, 0 * one), (0 * one, one), (none, none, np.zeros(0)),
        ...     amount_cny=2.0, products_n_max=2,
        ... )
        >>> problem.products_n
        2
    """
    if not 0 < amount_cny < np.inf:
        raise InvalidInput(f"amount_cny must be above 0; got {amount_cny:,.2f}")
    if products_n_max < 1:
        raise InvalidInput(f"products_n_max must be at least 1; got {products_n_max}")
    named = zip(
        ("cost", "fixed_cost_cny", "low_cny", "high_cny", "use", "fixed_use", "room"),
        (*costs, *bounds_cny, *uses),
        strict=True,
    )
    for name, values in named:
        bad = ~((values >= 0) & ((values < np.inf) | (name == "high_cny")))
        if bad.any():
            raise InvalidInput(f"{name} must be 0 or more and finite; got {values[bad][0]}")
    asked = float(amount_cny)
    return PlanProblem(*costs, *bounds_cny, *uses, asked, asked, int(products_n_max))
