"""Charts as options of ECharts. Colours are names of the page's own, such as `--accent`.

An option is JSON: it holds no function, so figures come in the unit that is shown.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

INK, MUTED, LINE, ACCENT = "--ink", "--muted", "--line", "--accent"
SPOKE_LETTERS = 12
SMALL = {"fontSize": 12, "color": MUTED}


class Chart(NamedTuple):
    """A chart with its words.

    Attributes:
        title: The finding.
        subtitle: Measure and unit.
        option: Option of ECharts.
    """

    title: str
    subtitle: str
    option: Mapping[str, Any]


def option(**parts: Any) -> dict[str, Any]:
    """What every chart has: a text for readers of the screen, a tooltip without markup."""
    tooltip = {"renderMode": "richText", "confine": True, "textStyle": {"fontSize": 12}}
    return {"aria": {"enabled": True}, "tooltip": tooltip, **parts}


def axes(names: Sequence[str]) -> dict[str, Any]:
    """Names along the bottom, values from zero at the left."""
    return {
        "grid": {"left": 8, "right": 24, "top": 24, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": list(names),
            "axisLabel": SMALL,
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisTick": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "min": 0,
            "axisLabel": SMALL,
            "splitLine": {"lineStyle": {"color": LINE}},
        },
    }


def bars(name: str, values: Iterable[float | None], colour: str = ACCENT) -> dict[str, Any]:
    """A series of bars."""
    return {
        "type": "bar",
        "name": name,
        "data": list(values),
        "itemStyle": {"color": colour},
        "barCategoryGap": "20%",
    }


def line(
    name: str, values: Iterable[Any], colour: str = ACCENT, *, labelled: bool = True
) -> dict[str, Any]:
    """A series of points on a line, its name at its end."""
    return {
        "type": "line",
        "name": name,
        "data": list(values),
        "color": colour,
        "symbol": "circle",
        "symbolSize": 6,
        "endLabel": {"show": labelled, "formatter": name, "color": INK, "fontSize": 12},
    }


def point(value: float | None, label: str) -> dict[str, Any]:
    """A point of a line with words of its own above it."""
    shown = {"show": True, "position": "top", "formatter": label, "color": INK, "fontSize": 12}
    return {"value": value, "label": shown}


def _broken(name: str) -> str:
    """A name on lines short enough to stand beside a chart on a telephone."""
    return "\n".join(textwrap.wrap(name, SPOKE_LETTERS))


def radar(
    spokes: Sequence[str], series: Mapping[str, Sequence[float]], top: float
) -> dict[str, Any]:
    """Profiles over the same spokes, the first filled, the others dashed.

    Args:
        spokes: Names of the spokes.
        series: Name -> value on each spoke.
        top: Value at the rim.
    """
    looks: tuple[dict[str, Any], ...] = (
        {"lineStyle": {"color": ACCENT}, "areaStyle": {"color": ACCENT, "opacity": 0.2}},
        {"lineStyle": {"color": MUTED, "type": "dashed"}},
    )
    drawn = [
        {"name": name, "value": list(values), "itemStyle": look["lineStyle"], **look}
        for (name, values), look in zip(series.items(), looks, strict=False)
    ]
    return option(
        legend={"bottom": 0, "textStyle": {"fontSize": 12, "color": INK}},
        radar={
            "indicator": [{"name": _broken(spoke), "max": top} for spoke in spokes],
            "radius": "56%",
            "center": ["50%", "48%"],
            "axisName": {"color": INK, "fontSize": 12},
            "splitNumber": 4,
            "splitArea": {"show": False},
            "splitLine": {"lineStyle": {"color": LINE}},
            "axisLine": {"lineStyle": {"color": LINE}},
        },
        series=[{"type": "radar", "symbolSize": 4, "data": drawn}],
    )
