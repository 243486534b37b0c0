"""The boards of the exchanges, each with the policies a firm must meet for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from techflow.basics import InvalidInput
from techflow.market.listing.hard_technology import Indicator


@dataclass(frozen=True, slots=True)
class Board:
    """One board.

    Attributes:
        id: Name.
        label: Words by language, `zh` and `en`.
        policies: Ids of the policies that must all be met.
        cannot: What their answers leave open, by language.
        advise: False if a firm would not want to do what is lacking, such as to make no profit.
    """

    id: str
    label: Mapping[str, str]
    policies: tuple[str, ...]
    cannot: Mapping[str, str]
    advise: bool = True


@dataclass(frozen=True, slots=True)
class BoardModel:
    """Boards and the indicators of hard technology; content, not law.

    Attributes:
        id: Name.
        boards: In the order in which they are shown.
        indicators: Likewise.
    """

    id: str
    boards: tuple[Board, ...]
    indicators: tuple[Indicator, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "BoardModel":
        """Read a model as it comes from its file.

        Args:
            data: Parsed TOML.

        Raises:
            InvalidInput: A board has no policy, or an indicator is not well formed.
        """
        boards = tuple(
            Board(
                item["id"],
                {language: item[language] for language in ("zh", "en")},
                tuple(item["policies"]),
                item["cannot"],
                item.get("advise", True),
            )
            for item in data["board"]
        )
        empty = [board.id for board in boards if not board.policies]
        if empty:
            raise InvalidInput(f"each board needs at least one policy; {', '.join(empty)} has none")
        indicators = tuple(Indicator.from_data(item) for item in data["indicator"])
        return cls(data["id"], boards, indicators)

    @property
    def policies(self) -> tuple[str, ...]:
        """Ids of all policies, once each."""
        return tuple(dict.fromkeys(name for board in self.boards for name in board.policies))


def all_met(answers: Sequence[bool | None]) -> bool | None:
    """Whether all are met: no if one is not, else unknown if one is open.

    Args:
        answers: Yes, no or None for unknown.

    Examples:
        >>> all_met([True, None, False]), all_met([True, None]), all_met([True])
        (False, None, True)
    """
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True
