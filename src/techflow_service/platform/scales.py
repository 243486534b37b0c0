"""Places of grades on their scales, and how far a firm moved between two runs."""

from collections.abc import Mapping
from typing import Any

Places = Mapping[str, tuple[str, int]]


def grade_places(record: Mapping[str, Any]) -> Places:
    """Each grade of a run -> its scale and its place there, best first.

    Args:
        record: The run's record.
    """
    scales = (
        (record.get("scale", {}).get("id", ""), record.get("scale", {}).get("grades", ())),
        (record.get("expert", {}).get("card_id", ""), record.get("expert", {}).get("levels", ())),
    )
    return {
        grade["name"]: (scale, place)
        for scale, grades in scales
        for place, grade in enumerate(grades)
    }


def steps_up(places: Places, before: str, now: str) -> int | None:
    """Steps that a firm went up; negative for down; None for grades of two scales or none.

    Examples:
        >>> steps_up({"A": ("s", 0), "B": ("s", 1), "X": ("t", 0)}, "B", "A")
        1
    """
    if before not in places or now not in places or places[before][0] != places[now][0]:
        return None
    return places[before][1] - places[now][1]


def meaning(record: Mapping[str, Any], grade: str | None, language: str) -> str:
    """What a grade means, in words; empty if it is on no scale."""
    grades = (
        *record.get("scale", {}).get("grades", ()),
        *record.get("expert", {}).get("levels", ()),
    )
    return next((str(one["meaning"][language]) for one in grades if one["name"] == grade), "")
