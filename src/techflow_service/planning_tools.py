"""Prices with the tools of each product, for a firm and what it asks for."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from techflow.basics import InvalidInput, NotInForce
from techflow.flow import POOLS
from techflow.flow.loan_security import product_lgd
from techflow.flow.planning_asked import Applicant, Need
from techflow.flow.planning_rates import ROOMS
from techflow.flow.planning_tools import ToolPrice, ToolPrices, tool_sets
from techflow.flow.policies import Laws, rules_on
from techflow.pricing import Product, check_tools
from techflow.pricing.security import SECURED
from techflow_service.price_columns import QUOTES, Way
from techflow_service.pricing import Shelf, load_shelf, numbers_on, price_rows

FEES = {
    "guarantee": "guarantee_fee_rate_pa",
    "crmw": "crmw_spread_rate_pa",
    "insurance": "insurance_premium_rate_pa",
}
"""Tool -> the number of a loan which the product's `fee_rate_pa` is."""
SPREAD = FEES["crmw"]
FIRM_FEES = ("guarantee_fee_part_pa", "premium_part_pa", "premium_subsidy_part_pa")
OFF = ("rate_pa", "discount_rate_part_pa")
Key = tuple[float | None, float | None, float, int, frozenset[str]]
"""PD, sales, amount, term, and the kinds of collateral whose value is known."""


PLACE = "key_n"


class ToolDesk:
    """Prices products with their tools; a firm is priced once for all terms of the products."""

    def __init__(
        self,
        products: Mapping[str, Product],
        laws: Laws,
        *,
        on: date,
        assumed: Mapping[str, float],
    ) -> None:
        """Find which tools are in force.

        Args:
            products: By id.
            laws: Policy id -> law.
            on: Legal date.
            assumed: `end_term_months_max`.

        Raises:
            InvalidInput: A product names a pool that has no price.
        """
        self.on, self.shelf, self.end_months = on, load_shelf(laws), assumed["end_term_months_max"]
        self.products: dict[str, tuple[Product, Mapping[str, Any]]] = {}
        for product in products.values():
            _check_pool(product)
            terms = _terms(product, on)
            if product.tools and terms is not None:
                self.products[product.id] = product, terms
        asked = {(tool, product.pool) for product, _ in self._each() for tool in product.tools}
        self.closed = {each: why for each in asked if (why := self._why_closed(*each)) is not None}
        self.kept: dict[Key, dict[str, ToolPrices]] = {}
        self.lgds = self._lgds(products)

    def _lgds(self, products: Mapping[str, Product]) -> dict[str, tuple[float, float]]:
        """LGD without and with its collateral of each product; none before there are numbers."""
        try:
            numbers = numbers_on(Way(self.on), self.shelf, secured=True)
        except NotInForce:
            return {}
        offered = {each.id: (each, _terms(each, self.on)) for each in products.values()}
        return {
            name: product_lgd(
                product.secured_by,
                lent_share=float(terms.get("collateral_share_max", 1.0)),
                numbers=numbers,
            )
            for name, (product, terms) in offered.items()
            if terms is not None
        }

    def __call__(self, firm: Applicant, need: Need) -> Mapping[str, ToolPrices]:
        """Prices by product.

        Args:
            firm: What is known of it; `pd`, `sales_lcy` and whether collateral has a value are
                used.
            need: Amount and term.
        """
        key = self._key(firm, need)
        if key not in self.kept:
            self.prepare([(firm, need)])
        return self.kept[key]

    def prepare(self, asked: Iterable[tuple[Applicant, Need]]) -> None:
        """Price many firms at once, at every term a plan may be made again with.

        Args:
            asked: Firms and what they ask for; each also as if all its collateral had a value.
        """
        names = ("term_months_min", "term_months_max")
        ends = {int(terms[name]) for _, terms in self._each() for name in names if name in terms}
        keys: dict[Key, None] = {}
        for firm, need in asked:
            pd, sales, amount, term, valued = self._key(firm, need)
            for kinds in (valued, self.kinds):
                for each in (term, *sorted(ends)):
                    keys[pd, sales, amount, each, kinds] = None
        self.kept |= self._price([key for key in keys if key not in self.kept])

    @property
    def kinds(self) -> frozenset[str]:
        """Collateral of products with tools."""
        return frozenset({product.secured_by for product, _ in self._each()} & set(SECURED))

    def _key(self, firm: Applicant, need: Need) -> Key:
        pd, sales = (firm.numbers.get(name) for name in ("pd", "sales_lcy"))
        valued = frozenset(kind for kind in self.kinds if ROOMS[kind] in firm.numbers)
        return (pd, sales, need.amount_cny, need.term_months, valued)

    def _each(self) -> Iterable[tuple[Product, Mapping[str, Any]]]:
        return self.products.values()

    def _price(self, keys: list[Key]) -> dict[Key, dict[str, ToolPrices]]:
        found: dict[tuple[str, int], ToolPrices] = {}
        for pool in {product.pool for product, _ in self._each()}:
            found |= self._price_pool(keys, pool)
        places = enumerate(keys)
        return {key: {name: found[name, place] for name in self.products} for place, key in places}

    def _price_pool(self, keys: list[Key], pool: str | None) -> dict[tuple[str, int], ToolPrices]:
        """Products of one pool, or of none, for every key: one table, priced at once."""
        rows: list[dict[str, Any]] = []
        offered = [(product, terms) for product, terms in self._each() if product.pool == pool]
        usable = {name: self._usable(product) for name, (product, _) in self.products.items()}
        tools = {tool for product, _ in offered for tool in usable[product.id]}
        for product, terms in offered:
            loans = [self._loan(product, terms, key) | {PLACE: n} for n, key in enumerate(keys)]
            for chosen in ((), *tool_sets(usable[product.id])):
                used = {f"use_{tool}": tool in chosen for tool in tools}
                loan = {"product": product.id, "tools": ",".join(chosen), **used}
                rows += [loan | each for each in loans]
        named = pool if "pool" in tools else None
        way = Way(self.on, check_tools(tools), named, effects=False)
        known: dict[tuple[str, int], dict[str, tuple[float, float]]] = {}
        if tools and rows:
            for name, chosen, place, lender, fees in _priced(rows, way, self.shelf).iter_rows():
                if lender is not None:
                    known.setdefault((name, place), {})[chosen] = lender, fees
        return {
            (product.id, place): self._prices(product, known.get((product.id, place), {}))
            for product, _ in offered
            for place in range(len(keys))
        }

    def _why_closed(self, tool: str, pool: str | None) -> str | None:
        """Why a tool has no price on the day for anybody; None if it has one."""
        if tool == "warrant":  # its value is the firm's own, and the plan counts it
            return "number_missing"
        try:
            numbers_on(Way(self.on, (tool,)), self.shelf)
            if tool == "pool" and pool is not None:
                rules_on(self.shelf.laws, [pool], on=self.on)
        except NotInForce:
            return "not_in_force"
        except InvalidInput:
            return "number_missing"
        return None

    def _usable(self, product: Product) -> tuple[str, ...]:
        return tuple(tool for tool in product.tools if (tool, product.pool) not in self.closed)

    def _loan(self, product: Product, terms: Mapping[str, Any], key: Key) -> dict[str, Any]:
        """The amount asked for, or as much of it as the product lends."""
        pd, sales, amount, term, valued = key
        most = min(float(terms.get(name, math.inf)) for name in ("amount_cny_max", "capacity_cny"))
        ends = product.kind == "bond" or term <= self.end_months
        fees = {
            FEES[tool]: float(terms["fee_rate_pa"])
            for tool in product.tools
            if tool in FEES and "fee_rate_pa" in terms
        }
        return {
            "pd": pd,
            "sales_cny": sales,
            "amount_cny": min(max(amount, float(terms.get("amount_cny_min", 0.0))), most),
            "term_months": term,
            "repayment": "bullet" if ends else "equal_principal",
            "lgd": self.lgds.get(product.id, (None, None))[product.secured_by in valued],
            **fees,
            **{
                name: float(terms[name])
                for name in QUOTES
                if name in terms and name != "pool_share"
            },
        }

    def _prices(self, product: Product, known: Mapping[str, tuple[float, float]]) -> ToolPrices:
        """Prices of a product from the lender's rate and the fees with each set of tools."""
        unused = {
            tool: why
            for tool in product.tools
            if (why := self.closed.get((tool, product.pool))) is not None
        }
        plain, usable = known.get(""), self._usable(product)
        if plain is None:
            return ToolPrices((), unused | dict.fromkeys(usable, "number_missing"))
        prices = tuple(
            ToolPrice(chosen, plain[0] - found[0], found[1])
            for chosen in tool_sets(usable)
            if (found := known.get(",".join(chosen))) is not None
        )
        lacking = [tool for tool in usable if not any(tool in each.tools for each in prices)]
        return ToolPrices(prices, unused | dict.fromkeys(lacking, "number_missing"))


def _priced(rows: list[dict[str, Any]], way: Way, shelf: Shelf) -> pl.DataFrame:
    """Rate of the lender less discount, and what the firm pays beside it; null without a price."""
    numbers = numbers_on(way, shelf)
    asked = ("pd", "sales_cny", "amount_cny", "term_months", *QUOTES)
    floats = dict.fromkeys(asked, pl.Float64)
    table = pl.DataFrame(rows, schema_overrides=floats, infer_schema_length=None)
    usual = [name for name in QUOTES if name in table.columns and name in numbers]
    filled = table.with_columns(pl.col(name).fill_null(numbers[name].value) for name in usual)
    parts = [filled]
    if SPREAD in table.columns:  # without a quote the price of a certificate is the fair one
        quoted = pl.col(SPREAD).is_not_null()
        parts = [filled.filter(quoted), filled.filter(~quoted).drop(SPREAD)]
    priced = [price_rows(part, way, shelf).rows for part in parts if part.height]
    total = {"lender": OFF, "fees": FIRM_FEES}
    sums = {name: pl.sum_horizontal(each, ignore_nulls=False) for name, each in total.items()}
    return pl.concat(
        [each.with_columns(**sums).select("product", "tools", PLACE, *sums) for each in priced]
    )


def _check_pool(product: Product) -> None:
    if product.pool is not None and product.pool not in POOLS:
        raise InvalidInput(
            f"product {product.id}: pool must be one of {', '.join(POOLS)}; got {product.pool}"
        )


def _terms(product: Product, on: date) -> Mapping[str, Any] | None:
    try:
        return product.at(on)
    except NotInForce:
        return None
