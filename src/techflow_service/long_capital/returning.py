"""Return after tax by regime and length of holding, and what exemptions cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.market.long_capital.tax import AfterTax, Regime, after_tax, exemption_cost
from techflow_service.long_capital.content import read_content, read_regime, require_cells

NUMBERS = (
    *("growth_pa", "dividend_pa", "discount_pa", "income_rate", "pension_rate"),
    *("years", "induced_shares"),
)
TEXTS = ("zh", "en", "reference", "mark")
DAY = 12.0 / 365.0
MONTHS = np.arange(1.0, 361.0)
Market = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Returns:
    """What the page tells: rows by regime and years, edges, costs, lines by month, content."""

    rows: pl.DataFrame
    edges: pl.DataFrame
    costs: pl.DataFrame
    lines: Mapping[str, Floats]
    content: Mapping[str, Any]
    assumed: Mapping[str, Any]


def tell_returns(folder: Path | None, moved: Mapping[str, float | None]) -> Returns:
    """Every regime of `tax.toml` over its years.

    Args:
        folder: Own folder of content, or None.
        moved: Assumptions that replace those of the file; None leaves one as it is.

    Raises:
        InvalidInput: The content is out of range.
    """
    content = read_content("tax", folder)
    try:
        assumed, specs = dict(content["assumed"]), content["regime"]
    except KeyError as error:
        raise InvalidInput(f"tax.toml needs the tables assumed and regime; lacks {error}") from None
    require_cells(assumed, "assumed of tax.toml", numbers=NUMBERS)
    for name, spec in specs.items():
        require_cells(spec, f"regime {name} of tax.toml", texts=TEXTS)
    assumed |= {name: value for name, value in moved.items() if value is not None}
    rates = {"income": assumed["income_rate"], "pension": assumed["pension_rate"]}
    regimes = {name: read_regime(name, spec, rates) for name, spec in specs.items()}
    how = _Asked(regimes, specs, assumed)
    months = 12.0 * np.array(assumed["years"], dtype=np.float64)
    return Returns(
        pl.concat([_rows(how, name, months) for name in regimes]),
        pl.concat([_edges(how, name) for name in regimes]),
        _costs(how, months),
        {name: how.told(name, MONTHS).rate_pa for name in regimes},
        content,
        assumed,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    regimes: Mapping[str, Regime]
    specs: Mapping[str, Any]
    assumed: Mapping[str, Any]

    def told(self, name: str, months: Floats) -> AfterTax:
        """What a regime leaves."""
        person = not self.specs[name].get("institution", False)
        return after_tax(
            self.regimes[name],
            months,
            growth_pa=self.assumed["growth_pa"],
            dividend_pa=self.assumed["dividend_pa"],
            discount_pa=self.assumed["discount_pa"],
            income_tax_rate=self.assumed["income_rate"] if person else 0.0,
        )


def _rows(how: _Asked, name: str, months: Floats) -> pl.DataFrame:
    told = how.told(name, months)
    return pl.DataFrame(
        {
            "regime": [name] * len(months),
            "years": months / 12.0,
            "net_of_one": told.net,
            "rate_pa": told.rate_pa,
            "entry_tax_of_one": told.entry_tax,
            "dividend_tax_of_one": told.dividend_tax,
            "end_tax_of_one": told.end_tax,
        }
    )


def _edges(how: _Asked, name: str) -> pl.DataFrame:
    """A day before, at and a day after each edge of a band."""
    regime = how.regimes[name]
    bands = (*regime.dividend, *regime.gain, *regime.deduction)
    edges = np.array(sorted({band.months for band in bands if band.months > DAY}))
    sides = [how.told(name, edges + step).rate_pa for step in (-DAY, 0.0, DAY)]
    return pl.DataFrame(
        {
            "regime": [name] * len(edges),
            "edge_months": edges,
            "before_rate_pa": sides[0],
            "at_rate_pa": sides[1],
            "after_rate_pa": sides[2],
        },
        schema_overrides={"regime": pl.String},
    )


def _costs(how: _Asked, months: Floats) -> pl.DataFrame:
    shares = np.array(how.assumed["induced_shares"], dtype=np.float64)
    made = []
    for name, spec in how.specs.items():
        if "against" not in spec:
            continue
        if spec["against"] not in how.regimes:
            raise InvalidInput(f"regime {name}: against must be a regime; got {spec['against']!r}")
        pair = how.told(name, months), how.told(spec["against"], months)
        cost = exemption_cost(*pair, induced_share=shares)
        for share, row in zip(shares, cost, strict=True):
            made += [(name, float(share), *pair) for pair in zip(months / 12.0, row, strict=True)]
    schema = ["regime", "induced_share", "years", "cost_of_one"]
    return pl.DataFrame(made, schema=schema, orient="row")
