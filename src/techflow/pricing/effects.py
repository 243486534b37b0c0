"""What each tool changes: the same loans priced with it and without it."""

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.pricing.price import PRICED, price_loans
from techflow.pricing.tools import check_tools

MEASURES = {"firm": "all_in_rate_pa", "bank": "raroc_rate_pa", "public": "public_rate_pa"}
"""Who feels a tool, and the measure that says how."""
AT = "offered_rate_pa"


def effect_names(tools: Iterable[str]) -> list[str]:
    """Columns `measure_effects` adds for some tools: `effect_<tool>_<who>_rate_pa`."""
    return [f"effect_{tool}_{who}_rate_pa" for tool in check_tools(tools) for who in MEASURES]


def measure_effects(loans: Frame, *, terms: Mapping[str, Any], tools: Iterable[str]) -> Frame:
    """Marginal effect of each tool, the others staying: measure with it less measure without.

    For the firm and the public purse both prices break even. The bank's return is measured at
    one rate, the break-even rate with all the tools (or `offered_rate_pa` if there), so its
    effect is the return the bank would forgo if the tool fell away and the rate stayed. Effects
    of tools that share a loss do not add up: a pool has less to pay behind a guarantee.

    Args:
        loans: As for `price_loans`.
        terms: As for `price_loans`.
        tools: All tools used.

    Returns:
        What `price_loans` returns with all tools, plus `effect_names`.

    Raises:
        InvalidInput: A tool is unknown, or a column has the name of a result.
        MissingColumn: A column is absent.

    Source:
        Difference of two prices of the same loan.
    """
    used, given = check_tools(tools), loans.columns
    kept = {f"_with_{who}": name for who, name in MEASURES.items()}
    priced = price_loans(loans, terms=terms, tools=used)
    marked = priced.with_columns(**{to: nw.col(name) for to, name in kept.items()})
    offered = nw.col(AT) if AT in given else nw.col("rate_pa")
    first = marked.with_columns(_at=offered).select(*given, *kept, "_at")
    for tool in used:
        first = _without(first, tool, terms=terms, tools=used)
    done = price_loans(first.drop(*kept, "_at"), terms=terms, tools=used)
    return done.select(*given, "reason_code", *PRICED, *effect_names(used))


def _without(frame: Frame, tool: str, *, terms: Mapping[str, Any], tools: tuple[str, ...]) -> Frame:
    """Add the three effects of one tool."""
    others = tuple(name for name in tools if name != tool)
    fixed = frame.with_columns(**{AT: nw.col("_at")})
    priced = price_loans(fixed, terms=terms, tools=others)
    effects = {
        f"effect_{tool}_{who}_rate_pa": nw.col(f"_with_{who}") - nw.col(name)
        for who, name in MEASURES.items()
    }
    return priced.with_columns(**effects).select(*frame.columns, *effects)
