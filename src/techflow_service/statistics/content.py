"""What `statistics.toml` says."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow.credit import Words
from techflow.region.statistics.layout import Categories
from techflow.region.statistics.rules import Rules
from techflow_service.models import read_model

FILE = "statistics.toml"
NEEDED = ("periods_n", "credentials", "industries", "category", "rules", "level")
USES = ("emerging", "patent_intensive")


@dataclass(frozen=True, slots=True)
class Spec:
    """Categories, rules and words.

    Attributes:
        data: The whole file.
        regions: Code -> names of regions.
        rules: When a cell is sensitive.
        categories: Category -> its flags.
    """

    data: Mapping[str, Any]
    regions: Mapping[str, Mapping[str, str]]
    rules: Rules
    categories: Categories

    @property
    def flags(self) -> tuple[str, ...]:
        """All flags of a loan."""
        return (*self.data["credentials"], *self.data["industries"], *USES)

    @property
    def counting(self) -> dict[str, Any]:
        """What the counting of loans takes."""
        rules = {name: one["pattern"] for name, one in self.data["industries"].items()}
        return {"credentials": self.data["credentials"], "industries": rules}

    def category(self, name: str) -> Words:
        """Words of a category, or of the overlap of two."""
        told = [self.data["category"][part] for part in name.split(" & ")]
        return Words(" 与 ".join(t["zh"] for t in told), " and ".join(t["en"] for t in told))

    def level(self, dimension: str, level: str) -> Words:
        """Words of a level."""
        key = "medium_size" if (dimension, level) == ("size", "medium") else level
        told = self.data["level"].get(key) or self.regions.get(key) or {"zh": key, "en": key}
        return Words(told["zh"], told["en"])


def read_spec(path: Path | None = None) -> Spec:
    """The content that comes along, or a file of the same form.

    Args:
        path: Own file.

    Raises:
        InvalidInput: It is no TOML, lacks a table, or names a flag nobody sets.
    """
    try:
        data = tomllib.loads(path.read_text("utf8")) if path else read_model(FILE)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} is no TOML: {error}") from error
    absent = [name for name in NEEDED if name not in data]
    if absent:
        raise InvalidInput(f"{path or FILE} needs {', '.join(absent)}; got {', '.join(data)}")
    categories = {name: frozenset(one["flags"]) for name, one in data["category"].items()}
    spec = Spec(
        data, read_model("region.toml")["region"], Rules.from_data(data["rules"]), categories
    )
    strange = sorted({flag for flags in categories.values() for flag in flags} - {*spec.flags})
    if strange:
        raise InvalidInput(f"categories may name {', '.join(spec.flags)}; got {', '.join(strange)}")
    return spec
