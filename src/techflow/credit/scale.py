"""The master scale: PD bounds and what each grade means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns
from techflow.credit.words import Words


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade: its name, the PD at which the next one begins, and its meaning."""

    name: str
    pd_max: float
    meaning: Words


@dataclass(frozen=True, slots=True)
class MasterScale:
    """Grades from best to worst. A grade holds `previous pd_max <= pd < pd_max`.

    Attributes:
        id: Stable id.
        grades: Best first; the last one reaches 1 and includes it.
    """

    id: str
    grades: tuple[Grade, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "MasterScale":
        """Read a scale: `id` and `[[grade]]` with `name`, `pd_max`, `zh`, `en`.

        Raises:
            InvalidInput: Bounds do not rise, or do not end at 1.
        """
        grades = tuple(
            Grade(item["name"], float(item["pd_max"]), Words.from_data(item))
            for item in data["grade"]
        )
        bounds = [grade.pd_max for grade in grades]
        if bounds != sorted(set(bounds)) or not bounds or bounds[0] <= 0 or bounds[-1] != 1.0:
            raise InvalidInput(f"pd_max must rise from above 0 to 1; got {bounds}")
        return cls(data["id"], grades)


def grade_firms(firms: Frame, scale: MasterScale, *, pd: str = "pd") -> Frame:
    """Add the grade of each firm's PD.

    Args:
        firms: Any table with the PD column.
        scale: The master scale.
        pd: Name of the PD column, fraction in [0, 1]; null stays without a grade.

    Returns:
        The same rows plus `grade` (text).
    """
    require_columns(firms, [pd], needed_by="grade_firms")
    value = nw.col(pd)
    *inner, last = scale.grades
    tests = [nw.when(value < grade.pd_max).then(nw.lit(grade.name)) for grade in inner]
    tests.append(nw.when(value <= last.pd_max).then(nw.lit(last.name)))
    return firms.with_columns(grade=nw.coalesce(*tests))
