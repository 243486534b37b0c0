"""What guarantee, pool and other tools make of a product's rate, and the cheapest set of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from techflow.flow.planning_asked import Applicant, Need

CHARGED = ("guarantee", "crmw", "insurance")
"""Tools whose fee is the product's yearly fee; with one of them that fee is not added again."""
UNUSED = ("not_in_force", "number_missing", "rate_stated", "no_gain")
"""Why a tool is not used."""


@dataclass(frozen=True, slots=True)
class ToolPrice:
    """A loan priced with some tools against the same loan without any.

    Attributes:
        tools: The tools; none is the loan as it is.
        off_rate_pa: What they take off the lender's rate; negative is added.
        fee_rate_pa: What the firm pays for them beside the rate.
    """

    tools: tuple[str, ...]
    off_rate_pa: float
    fee_rate_pa: float


@dataclass(frozen=True, slots=True)
class ToolUse:
    """What became of the tools of a product.

    Attributes:
        effects: Each tool used, with what would be lost without it, the others staying.
        unused: Tool -> one of `UNUSED`.
    """

    effects: tuple[ToolPrice, ...] = ()
    unused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolPrices:
    """A product priced with every set of its tools that can be priced.

    Attributes:
        prices: One for each set of tools with a price.
        unused: Tool without a price -> `not_in_force` or `number_missing`.
    """

    prices: tuple[ToolPrice, ...] = ()
    unused: Mapping[str, str] = field(default_factory=dict)

    def stated(self) -> ToolUse:
        """No tool is used: the rate is stated or was quoted."""
        names = {tool for each in self.prices for tool in each.tools}
        return ToolUse((), dict.fromkeys(sorted({*names, *self.unused}), "rate_stated"))

    def cheapest(self, *, rate_pa: float, rate_pa_min: float, fee_rate_pa: float) -> "ToolChoice":
        """The set of tools with which the firm pays least; none if none lowers what it pays.

        Args:
            rate_pa: Rate of the product without tools.
            rate_pa_min: Least rate it is lent at.
            fee_rate_pa: The product's own yearly fee, which is that of a tool of `CHARGED`.

        Examples:
            >>> backed = ToolPrice(("guarantee",), 0.009, 0.008)
            >>> found = ToolPrices((backed,)).cheapest(
            ...     rate_pa=0.05, rate_pa_min=0.0, fee_rate_pa=0.01)
            >>> round(found.paid_rate_pa, 6), found.use.effects == (backed,)
            (0.049, True)
        """

        def paid(price: ToolPrice) -> float:
            own = 0.0 if set(CHARGED) & set(price.tools) else fee_rate_pa
            charged = max(rate_pa - price.off_rate_pa, rate_pa_min, 0.0)
            return charged + price.fee_rate_pa + own

        none = ToolPrice((), 0.0, 0.0)
        plain = max(rate_pa, rate_pa_min) + fee_rate_pa
        best = min(self.prices, key=lambda each: (paid(each), len(each.tools)), default=none)
        if not best.tools or not paid(best) < plain:
            best = none
        names = {tool for each in self.prices for tool in each.tools}
        idle = dict.fromkeys(sorted(names - set(best.tools)), "no_gain")
        effects = tuple(self._effect(best, tool) for tool in best.tools)
        return ToolChoice(
            paid(best) if best.tools else plain, ToolUse(effects, {**self.unused, **idle})
        )

    def _effect(self, best: ToolPrice, tool: str) -> ToolPrice:
        """What one tool of a set adds to the others."""
        others = tuple(name for name in best.tools if name != tool)
        rest = next((each for each in self.prices if each.tools == others), ToolPrice((), 0.0, 0.0))
        off = best.off_rate_pa - rest.off_rate_pa
        return ToolPrice((tool,), off, best.fee_rate_pa - rest.fee_rate_pa)


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Interest and yearly fees with the tools chosen.

    Attributes:
        paid_rate_pa: Interest and yearly fees.
        use: What became of each tool.
    """

    paid_rate_pa: float
    use: ToolUse


ToolPricer = Callable[[Applicant, Need], Mapping[str, ToolPrices]]
"""Prices with tools by product, for a firm and what it asks for."""


def tool_sets(tools: Iterable[str]) -> list[tuple[str, ...]]:
    """Every set of some tools but the empty one, smallest first.

    Args:
        tools: In the order in which they act.

    Examples:
        >>> tool_sets(["guarantee", "pool"])
        [('guarantee',), ('pool',), ('guarantee', 'pool')]
    """
    names = list(tools)
    return [found for n in range(1, len(names) + 1) for found in combinations(names, n)]
