"""Dated numbers of a loan product: each with its unit, its source and how sure we are of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from techflow.basics import InvalidInput, NotInForce

STATUSES = ("text", "unverified", "proposal")
"""Read in a published text; believed but not read; our own suggestion."""


@dataclass(frozen=True, slots=True)
class Term:
    """One number of a product from `since` until the next one starts.

    Attributes:
        name: Name of the number, unit last.
        since: First day in force.
        value: The number, or rows of numbers for a step table.
        unit: What it counts: `share`, `rate_pa`, `cny`, ...
        reference: Who says so: document and clause.
        status: `text`, `unverified` or `proposal`; shown wherever a person sees the number.
        zh: Chinese label.
        en: English label.
    """

    name: str
    since: date
    value: Any
    unit: str
    reference: str
    status: str
    zh: str
    en: str

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InvalidInput(
                f"status of {self.name} must be one of {', '.join(STATUSES)}; got {self.status!r}"
            )


@dataclass(frozen=True, slots=True)
class Terms:
    """All numbers of one product, each with its history, oldest first."""

    histories: Mapping[str, tuple[Term, ...]]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Terms":
        """Build from the parsed `params.toml` of a product folder.

        Args:
            data: Name -> `{zh, en, unit, values = [{since, value, reference, status}]}`.

        Raises:
            InvalidInput: A status is not one of `STATUSES`.
        """
        histories = {}
        for name, spec in data.items():
            about = {key: spec[key] for key in ("zh", "en", "unit")}
            history = [Term(name=name, **about, **row) for row in spec["values"]]
            histories[name] = tuple(sorted(history, key=lambda term: term.since))
        return cls(histories)

    def in_force(self, on: date) -> tuple[Term, ...]:
        """The terms that hold on a day, in the order of the file.

        Raises:
            NotInForce: A term has no value on or before `on`. A silent zero would look like
                a free loan, so the gap is an error.
        """
        found = []
        for name, history in self.histories.items():
            started = [term for term in history if term.since <= on]
            if not started:
                raise NotInForce(
                    f"{name} has no value on {on}; the first is from {history[0].since}; "
                    "choose a later day or add the earlier value to the product's params.toml"
                )
            found.append(started[-1])
        return tuple(found)

    def at(self, on: date) -> dict[str, Any]:
        """Values in force on a day, by name.

        Raises:
            NotInForce: A term has no value on or before `on`.

        Examples:
            >>> about = {"zh": "资金成本", "en": "Funding", "unit": "rate_pa"}
            >>> row = {"since": date(2024, 1, 1), "value": 0.025, "reference": "house view"}
            >>> terms = Terms.from_data(
            ...     {"funding_rate_pa": {**about, "values": [{**row, "status": "proposal"}]}}
            ... )
            >>> terms.at(date(2024, 6, 30))
            {'funding_rate_pa': 0.025}
            >>> terms.at(date(2023, 12, 31))  # doctest: +ELLIPSIS
            Traceback (most recent call last):
            techflow.basics.errors.NotInForce: funding_rate_pa has no value on 2023-12-31; ...
        """
        return {term.name: term.value for term in self.in_force(on)}
