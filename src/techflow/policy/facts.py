"""The dictionary of facts: what a policy may ask of a firm, in which unit, under which name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from techflow.basics import InvalidInput
from techflow.policy.measures import year_column

Kind = Literal["money", "count", "share", "points", "flag", "code"]
UNITS: Mapping[str, int] = {"money": 100, "count": 1, "share": 100_000_000, "points": 100}
"""Whole units per one: money is held in fen, shares in 1e-8, points in hundredths."""
LIMITS: Mapping[str, int] = {"money": 2**51, "count": 2**40, "share": 2**40, "points": 2**30}
"""Greatest whole number trusted: float64 yuan keep every fen up to 2**51 fen (22 trillion)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    Attributes:
        name: Column in a frame of firms, unit last.
        kind: `money` (float64 yuan), `count` (whole), `share` (0.05 is 5 %), `points`,
            `flag` (nullable bool), `code` (text).
        zh: Chinese label; for a flag a sentence about the firm.
        en: English label; for a flag a sentence about the firm.
        unit: What one is: `cny`, `person`, `patent`, `month`, ...
        base: For one year of an annual fact, the annual fact's name.
        year: For an annual fact, fiscal years before the last; else None.
        statement: For an annual fact, the statement column it is rolled up from.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    base: str = ""
    year: int | None = None
    statement: str = ""

    def label(self, lang: str) -> str:
        """Its name in words, with the fiscal year.

        Args:
            lang: `zh` or `en`.
        """
        if self.year is None:
            return self.zh if lang == "zh" else self.en
        when = self.when(lang)
        return f"{when}{self.zh}" if lang == "zh" else f"{self.en} {when}"

    def when(self, lang: str) -> str:
        """Which fiscal year an annual fact is of, in words; empty for any other.

        Args:
            lang: `zh` or `en`.
        """
        if self.year is None:
            return ""
        return (_YEARS_ZH if lang == "zh" else _YEARS_EN)[min(self.year, 3)]

    @property
    def units(self) -> int:
        """Whole units per one."""
        return UNITS[self.kind]

    @property
    def limit(self) -> int:
        """Greatest whole number trusted."""
        return LIMITS[self.kind]


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts by column name; annual facts appear once per fiscal year."""

    columns: Mapping[str, Fact]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Facts":
        """Build from parsed `facts.toml`.

        Args:
            data: Name -> kind, zh, en, (unit), (years), (statement).

        Raises:
            InvalidInput: A key is missing or a kind unknown.
        """
        facts = [fact for name, spec in data.items() for fact in _spread(name, spec)]
        return cls({fact.name: fact for fact in facts})

    def __getitem__(self, name: str) -> Fact:
        """The fact of a column.

        Raises:
            InvalidInput: No `facts.toml` declares it; names the nearest.
        """
        if name not in self.columns:
            stem = name.split("_")[0]
            near = sorted(known for known in self.columns if known.startswith(stem))
            raise InvalidInput(f"no facts.toml declares the fact {name}; nearest: {near[:6]}")
        return self.columns[name]

    def __or__(self, other: "Facts") -> "Facts":
        """Both dictionaries together.

        Raises:
            InvalidInput: They give one name two meanings.
        """
        for name in self.columns.keys() & other.columns.keys():
            if self.columns[name] != other.columns[name]:
                raise InvalidInput(f"fact {name} has two meanings in two facts.toml; rename one")
        return Facts({**self.columns, **other.columns})

    def pick(self, names: Iterable[str]) -> tuple[Fact, ...]:
        """The facts of several columns, each once, in order.

        Args:
            names: Column names.
        """
        return tuple(self[name] for name in dict.fromkeys(names))


def _spread(name: str, spec: Mapping[str, Any]) -> list[Fact]:
    absent = {"kind", "zh", "en"} - spec.keys()
    unknown = spec.keys() - {"kind", "zh", "en", "unit", "years", "statement"}
    if absent or unknown or spec["kind"] not in (*UNITS, "flag", "code"):
        raise InvalidInput(
            f"fact {name}: kind is one of {sorted(UNITS)}, flag or code; lacks {sorted(absent)}, "
            f"does not know {sorted(unknown)}"
        )
    unit = spec.get("unit", "cny" if spec["kind"] == "money" else "")
    kind, zh, en, statement = spec["kind"], spec["zh"], spec["en"], spec.get("statement", "")
    if not spec.get("years"):
        return [Fact(name, kind, zh, en, unit)]
    return [
        Fact(year_column(name, year), kind, zh, en, unit, name, year, statement)
        for year in range(spec["years"])
    ]


_YEARS_ZH = ("最近一个会计年度", "前一个会计年度", "再前一个会计年度", "更早会计年度")
_YEARS_EN = (
    "of the last fiscal year",
    "of the fiscal year before the last",
    "of the fiscal year two before the last",
    "of an earlier fiscal year",
)
