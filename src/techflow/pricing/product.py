"""A financing product: who offers it, for what, to whom, on which dated terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from techflow.basics import InvalidInput, NotInForce
from techflow.pricing.terms import Terms
from techflow.pricing.tools import check_tools

KINDS = (
    *("loan", "guarantee", "pool", "bond", "equity", "venture_debt", "lease", "insurance"),
    "project",
)
PROVIDERS = ("bank", "guarantor", "government", "market", "fund", "lessor", "insurer")
NOT_FOR_FIRMS = ("insurance", "project")
"""Kinds that bring a firm no money: a cover, and money for projects (`market projects`)."""
SECURITIES = ("none", "patent", "equity", "receivable", "guarantee", "project", "asset")
STAGES = ("start_up", "growth", "stable")
PURPOSES = (
    "working_capital",
    "rnd",
    "equipment",
    "infrastructure",
    "acquisition",
    "growth",
    "risk",
)
ORDERED = (
    ("amount_cny_min", "amount_cny_max"),
    ("term_months_min", "term_months_max"),
    ("rate_pa_min", "rate_pa_max"),
    ("horizon_years_min", "horizon_years_max"),
)
"""Pairs of terms of which the first may not exceed the second."""
POSITIVE = (
    *("amount_cny_max", "term_months_max", "capacity_n", "capacity_cny"),
    *("horizon_years_max", "project_share_max", "one_project_share_max"),
)
"""Terms that make the product useless at zero; absent means no bound."""
LENT = ("loan", "guarantee", "pool", "bond", "lease")
"""Kinds whose rate a tool can lower."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A bound on a fact of the firm.

    Attributes:
        fact: Column of a firm's profile, technology or need.
        low: Least value, inclusive; None is no bound.
        high: Greatest value, inclusive; None is no bound.
        zh: What it asks, Chinese.
        en: What it asks, English.
    """

    fact: str
    low: float | None
    high: float | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Product:
    """One product.

    Attributes:
        id: Stable id, as the folder.
        zh: Chinese name.
        en: English name.
        kind: One of `KINDS`.
        provider: One of `PROVIDERS`.
        secured_by: One of `SECURITIES`.
        stages: Stages of life it serves; empty is any.
        purposes: What the money may be for; empty is any.
        qualifications: Groups of policy ids; of each group one must be met.
        requirements: Bounds on facts; all must hold.
        documents: What the firm hands in: Chinese and English.
        terms: Its dated numbers.
        tools: Tools of a price that may lower its rate, in the order in which they act.
        pool: Policy of the compensation pool, if `pool` is one of them.
    """

    id: str
    zh: str
    en: str
    kind: str
    provider: str
    secured_by: str
    stages: tuple[str, ...]
    purposes: tuple[str, ...]
    qualifications: tuple[tuple[str, ...], ...]
    requirements: tuple[Requirement, ...]
    documents: tuple[tuple[str, str], ...]
    terms: Terms
    tools: tuple[str, ...] = ()
    pool: str | None = None

    @classmethod
    def from_data(cls, about: Mapping[str, Any], params: Mapping[str, Any]) -> "Product":
        """Read the two files of a product folder.

        Args:
            about: Parsed `product.toml`.
            params: Parsed `params.toml`.

        Raises:
            InvalidInput: A word is not one of those allowed, something that must be there is
                absent, or terms contradict each other.

        Examples:
            >>> term = {"zh": "额度上限", "en": "Most", "unit": "cny", "values": [
            ...     {"since": date(2024, 1, 1), "value": 3e6, "reference": "x", "status": "text"}]}
            >>> about = {"id": "credit-loan", "zh": "信用贷款", "en": "Credit loan",
            ...          "kind": "loan", "provider": "bank"}
            >>> product = Product.from_data(about, {"amount_cny_max": term})
            >>> product.at(date(2026, 1, 1))["amount_cny_max"], product.secured_by
            (3000000.0, 'none')
        """
        name = about.get("id", "")
        for key in ("id", "zh", "en", "kind", "provider"):
            if not about.get(key):
                raise InvalidInput(f"product {name or '(no id)'}: {key} is missing; add it")
        product = cls(
            name,
            about["zh"],
            about["en"],
            _one_of(name, "kind", about["kind"], KINDS),
            _one_of(name, "provider", about["provider"], PROVIDERS),
            _one_of(name, "secured_by", about.get("secured_by", "none"), SECURITIES),
            _some_of(name, "stages", about.get("stages", ()), STAGES),
            _some_of(name, "purposes", about.get("purposes", ()), PURPOSES),
            tuple(tuple(group["any_of"]) for group in about.get("qualification", ())),
            tuple(_requirement(name, each) for each in about.get("requires", ())),
            tuple((each["zh"], each["en"]) for each in about.get("document", ())),
            Terms.from_data(params),
            _tools(name, about),
            about.get("pool"),
        )
        for history in product.terms.histories.values():
            for term in history:
                product.at(term.since)
        return product

    def at(self, on: date) -> dict[str, Any]:
        """Values of the terms in force on a day; a term that begins later is no bound yet.

        Args:
            on: The day.

        Raises:
            NotInForce: No term of the product has begun.
            InvalidInput: Terms contradict each other.
        """
        begun = {
            name: history
            for name, history in self.terms.histories.items()
            if history[0].since <= on
        }
        if not begun:
            raise NotInForce(f"product {self.id} has no terms on {on}; choose a later day")
        found = Terms(begun).at(on)
        _check(self.id, found)
        return found


def _one_of(product: str, key: str, word: str, allowed: tuple[str, ...]) -> str:
    if word not in allowed:
        raise InvalidInput(
            f"product {product}: {key} must be one of {', '.join(allowed)}; got {word!r}"
        )
    return word


def _some_of(product: str, key: str, words: Any, allowed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_one_of(product, key, word, allowed) for word in words)


def _tools(product: str, about: Mapping[str, Any]) -> tuple[str, ...]:
    asked = about.get("tools", ())
    if isinstance(asked, str):
        raise InvalidInput(f"product {product}: tools must be a list; got {asked!r}")
    try:
        tools = check_tools(asked)
    except InvalidInput as error:
        raise InvalidInput(f"product {product}: {error}") from None
    if tools and about["kind"] not in LENT:
        raise InvalidInput(
            f"product {product}: tools lower the rate of {', '.join(LENT)}; "
            f"its kind is {about['kind']}; leave the tools out"
        )
    if ("pool" in tools) != bool(about.get("pool")):
        raise InvalidInput(
            f"product {product}: the tool pool and the key pool, its policy, go together; "
            f"got tools {list(tools)} and pool {about.get('pool')!r}"
        )
    return tools


def _requirement(product: str, data: Mapping[str, Any]) -> Requirement:
    low, high = data.get("low"), data.get("high")
    if low is None and high is None:
        raise InvalidInput(f"product {product}: requires {data['fact']} without low or high")
    if low is not None and high is not None and low > high:
        raise InvalidInput(f"product {product}: {data['fact']} has low {low} above high {high}")
    return Requirement(data["fact"], low, high, data["zh"], data["en"])


def _check(product: str, terms: Mapping[str, Any]) -> None:
    numbers = {name: value for name, value in terms.items() if isinstance(value, int | float)}
    for name, value in numbers.items():
        if value < 0 and not name.endswith("_ratio"):  # growth may be negative
            raise InvalidInput(f"product {product}: {name} must be 0 or more; got {value}")
    for name in POSITIVE:
        if numbers.get(name) == 0:
            raise InvalidInput(
                f"product {product}: {name} is 0, so nobody can have it; "
                "leave the term out if there is no bound"
            )
    for low, high in ORDERED:
        if low in numbers and high in numbers and numbers[low] > numbers[high]:
            raise InvalidInput(
                f"product {product}: {low} {numbers[low]} is above {high} {numbers[high]}"
            )
