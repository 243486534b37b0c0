"""Charts of books and pools, as options of ECharts: bars, stacked bars, a fan.

Colours are names of the page's own. An option is JSON, so figures come in the unit shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from techflow_service.platform.showing import number

SMALL = {"fontSize": 12, "color": "--ink"}
RULE = {"lineStyle": {"color": "--line"}}
SERIES = ("--series-1", "--series-2", "--series-3", "--series-4", "--rest", "--accent")
LABELS = ("--on-series", *["--on-fill"] * 4, "--panel")
"""Colours of words on the series: dark on light fills."""
LABELLED_PERCENT = 12
FAN = ((0, 6, 0.2), (1, 5, 0.35), (2, 4, 0.5))
"""Places of the lower and upper quantile of each band, widest first, and how dark it is."""


def columns(names: Sequence[str], values: Sequence[float], *, places: int = 0) -> dict[str, Any]:
    """Upright bars from zero, each with its figure; where they are too close, some have none.

    Args:
        names: What each bar stands for.
        values: Their heights.
        places: Decimals of the figures.
    """
    label = {"show": True, "position": "top", **SMALL}
    data = [
        {"value": round(value, places), "label": {"formatter": number(value, places)}}
        for value in values
    ]
    series = {"type": "bar", "data": data, "label": label, "color": "--accent"}
    series["labelLayout"] = {"hideOverlap": True}
    return _frame(_names(names), _figures(), [series], top=24)


def stacks(names: Sequence[str], parts: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Lying bars of shares in percent that add up to a hundred.

    Args:
        names: The bars, first on top.
        parts: Name of each part -> its share in each bar, in percent.
    """
    series = [
        {
            "type": "bar",
            "stack": "all",
            "name": name,
            "color": SERIES[k % len(SERIES)],
            "data": [_shown(value) for value in values],
            "label": {"fontSize": 12, "color": LABELS[k % len(SERIES)]},
        }
        for k, (name, values) in enumerate(parts.items())
    ]
    across = {**_names(names), "inverse": True}
    return _frame({**_figures(), "max": 100}, across, series, top=40) | {"legend": LEGEND}


def _shown(percent: float) -> dict[str, Any]:
    """A part of a bar, its figure inside if there is room."""
    label = {"show": percent >= LABELLED_PERCENT, "formatter": f"{percent:.1f}%"}
    return {"value": round(percent, 1), "label": label}


def fan(names: Sequence[str], quantiles: Sequence[Sequence[float]], middle: str) -> dict[str, Any]:
    """Bands of quantiles over time, the median as a line.

    Args:
        names: Moments.
        quantiles: Seven quantiles at each moment, rising.
        middle: Name of the median.
    """
    series = [part for band in FAN for part in _band(quantiles, *band)]
    series.append(
        {
            "type": "line",
            "name": middle,
            "data": [row[3] for row in quantiles],
            "color": "--accent",
            "symbolSize": 6,
        }
    )
    return _frame(_names(names), _figures(), series, top=24)


def _band(
    quantiles: Sequence[Sequence[float]], low: int, high: int, dark: float
) -> list[dict[str, Any]]:
    """Two stacked lines that nobody sees, with what lies between them shaded."""
    base = {
        "type": "line",
        "stack": f"band {low}",
        "symbol": "none",
        "lineStyle": {"opacity": 0},
        "tooltip": {"show": False},
        "color": "--accent",
        "silent": True,
    }
    step = [round(row[high] - row[low], 2) for row in quantiles]
    shade = {"areaStyle": {"color": "--accent", "opacity": dark * 0.5}}
    return [base | {"data": [row[low] for row in quantiles]}, base | shade | {"data": step}]


def _names(names: Sequence[str]) -> dict[str, Any]:
    shown = {**SMALL, "interval": 0, "hideOverlap": True}
    tick = {"show": False}
    return {"type": "category", "data": list(names), "axisLabel": shown, "axisLine": RULE} | {
        "axisTick": tick
    }


def _figures() -> dict[str, Any]:
    return {"type": "value", "min": 0, "axisLabel": SMALL, "splitLine": RULE}


LEGEND = {"top": 0, "left": 0, "textStyle": SMALL, "itemWidth": 12, "itemHeight": 12}


def _frame(
    across: Mapping[str, Any], up: Mapping[str, Any], series: Sequence[Any], *, top: int
) -> dict[str, Any]:
    return {
        "aria": {"enabled": True},
        "tooltip": {"renderMode": "richText", "confine": True, "textStyle": {"fontSize": 12}},
        "grid": {"left": 8, "right": 24, "top": top, "bottom": 8, "containLabel": True},
        "xAxis": across,
        "yAxis": up,
        "series": list(series),
    }
