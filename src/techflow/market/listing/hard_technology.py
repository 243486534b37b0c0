"""Hard technology and control over it: indicators from evidence, each with where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from techflow.basics import InvalidInput

SHARE, COUNT, FLAG = "share", "count", "flag"
UNITS = (SHARE, COUNT, FLAG)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing looked at.

    Attributes:
        id: Name.
        group: `technology` or `control`.
        label: Words by language, `zh` and `en`.
        over: Facts added up.
        of: Facts they are divided by, added up; empty for the fact itself.
        unit: `share`, `count` or `flag`.
    """

    id: str
    group: str
    label: Mapping[str, str]
    over: tuple[str, ...]
    of: tuple[str, ...]
    unit: str

    @classmethod
    def from_data(cls, item: Mapping[str, Any]) -> "Indicator":
        """Read an indicator as it comes from its file.

        Args:
            item: One table of the TOML.

        Raises:
            InvalidInput: The unit is unknown, or a flag is divided.
        """
        if item["unit"] not in UNITS or (item["unit"] == FLAG and item.get("of")):
            raise InvalidInput(
                f"indicator {item['id']}: unit must be one of {', '.join(UNITS)}, and a flag is "
                f"not divided; got {item['unit']}"
            )
        words = {language: item[language] for language in ("zh", "en")}
        over, of = tuple(item["over"]), tuple(item.get("of", ()))
        return cls(item["id"], item["group"], words, over, of, item["unit"])

    @property
    def facts(self) -> tuple[str, ...]:
        """All facts it reads."""
        return (*self.over, *self.of)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one indicator of one firm.

    Attributes:
        indicator: Which.
        value: The number or answer; None if not known.
        sources: Documents it rests on, without repetition.
        lacks: Facts not known, without which there is no value.
        undocumented: Facts that are only stated, with no document.
    """

    indicator: Indicator
    value: float | bool | None
    sources: tuple[str, ...]
    lacks: tuple[str, ...]
    undocumented: tuple[str, ...]


def read_evidence(
    firm: Mapping[str, Any], indicators: Sequence[Indicator], *, sources: Mapping[str, str]
) -> list[Evidence]:
    """The indicators of one firm with their sources. No score: nothing is weighed.

    Args:
        firm: Fact name -> value; what is left out or None is not known.
        indicators: What to look at.
        sources: Fact name -> document; a fact without one is stated only.

    Returns:
        One piece of evidence per indicator, in order. A share of nothing has no value.

    Examples:
        >>> share = Indicator("rnd", "technology", {}, ("rnd_cny",), ("revenue_cny",), "share")
        >>> found = read_evidence({"rnd_cny": 3.0, "revenue_cny": 20.0}, [share],
        ...                       sources={"rnd_cny": "audit 2025"})[0]
        >>> found.value, found.sources, found.undocumented
        (0.15, ('audit 2025',), ('revenue_cny',))
    """
    return [_read(firm, indicator, sources) for indicator in indicators]


def _read(firm: Mapping[str, Any], indicator: Indicator, sources: Mapping[str, str]) -> Evidence:
    known = [name for name in indicator.facts if firm.get(name) is not None]
    named = tuple(dict.fromkeys(sources[name] for name in known if name in sources))
    return Evidence(
        indicator,
        _value(firm, indicator) if len(known) == len(indicator.facts) else None,
        named,
        tuple(name for name in indicator.facts if name not in known),
        tuple(name for name in known if name not in sources),
    )


def _value(firm: Mapping[str, Any], indicator: Indicator) -> float | bool | None:
    if indicator.unit == FLAG:
        return all(firm[name] for name in indicator.over)
    top = float(sum(firm[name] for name in indicator.over))
    if not indicator.of:
        return top
    whole = float(sum(firm[name] for name in indicator.of))
    return top / whole if whole > 0.0 else None
