"""The routes out of a holding, and what is proposed of them where no history speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from techflow.basics import Floats, InvalidInput


@dataclass(frozen=True, slots=True)
class Route:
    """One way a holding ends.

    Attributes:
        id: Name in the records.
        label: Words by language, `zh` and `en`.
        rate_pa: Share of the open holdings that leaves by it each year, a proposal.
        multiple: Proceeds over what was invested, a proposal.
        reference: What both rest on.
    """

    id: str
    label: Mapping[str, str]
    rate_pa: float
    multiple: float
    reference: str


@dataclass(frozen=True, slots=True)
class ExitModel:
    """The routes of a book; content, not law.

    Attributes:
        id: Name.
        mark: What the rates and multiples rest on (`proposal`).
        ends_n_min: Ends a history must hold before it is read instead of the proposal.
        routes: In the order in which they are shown; a loss is a route like any other.
        listing: Route that needs a board.
    """

    id: str
    mark: str
    ends_n_min: int
    routes: tuple[Route, ...]
    listing: str

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "ExitModel":
        """Read a model as it comes from its file.

        Args:
            data: Parsed TOML.

        Raises:
            InvalidInput: A rate or multiple is below 0, or a route is there twice.
        """
        routes = tuple(_route(item) for item in data["route"])
        names = [route.id for route in routes]
        if len(set(names)) < len(names) or data["listing"] not in names:
            raise InvalidInput(
                f"routes must differ and hold {data['listing']}; got {', '.join(names)}"
            )
        return cls(data["id"], data["mark"], data["ends_n_min"], routes, data["listing"])

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the routes."""
        return tuple(route.id for route in self.routes)

    @property
    def rates_pa(self) -> Floats:
        """Proposed rate of each route, shape (routes,)."""
        return np.array([route.rate_pa for route in self.routes])

    @property
    def multiples(self) -> Floats:
        """Proposed multiple of each route, shape (routes,)."""
        return np.array([route.multiple for route in self.routes])


def _route(item: Mapping[str, Any]) -> Route:
    for name in ("rate_pa", "multiple"):
        if not item[name] >= 0.0:
            raise InvalidInput(f"route {item['id']}: {name} must be at least 0; got {item[name]}")
    words = {language: item[language] for language in ("zh", "en")}
    return Route(item["id"], words, item["rate_pa"], item["multiple"], item["reference"])
