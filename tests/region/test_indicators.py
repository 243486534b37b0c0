"""Indicators by hand on both engines; what is unknown stays unknown."""

import pytest

from techflow.basics import InvalidInput, MissingColumn
from techflow.region.indicators import Indicator, Measure, region_indicators, wide_regions

RD, SOLD = Measure("rd_cny", "rd", "万元", 1e4), Measure("sold_cny", "sold", "万元", 1e4)


def cell(code, year, variable, value, unit="万元"):
    return {"region_code": code, "year_n": year, "variable": variable, "unit": unit, "value": value}


ROWS = [
    cell("11", 2020, "rd", 100.0),
    cell("11", 2023, "rd", 133.1),
    cell("11", 2023, "rd", 133.1 * (1 + 1e-7)),  # the same figure of another table
    cell("11", 2023, "sold", 266.2),
    cell("12", 2020, "rd", 0.0),
    cell("12", 2023, "rd", 5.0),
    cell("12", 2023, "sold", None),
    cell("13", 2023, "rd", 1.0),
    cell("13", 2023, "rd", 2.0),  # two printings disagree
    cell("13", 2023, "sold", 4.0, unit="亿元"),  # another unit: not what was meant
    cell("14", 2023, "rd", 0.0),
    cell("14", 2023, "sold", 3.0),
]
INDICATORS = (
    Indicator("sold_per_rd", "ratio", "sold_cny", "rd_cny"),
    Indicator("rd_growth", "growth", "rd_cny", "", 3, 100.0),
    Indicator("rd_level", "level", "rd_cny"),
    Indicator("made_elsewhere", "efficiency"),
)


def test_figures_by_hand(make, rows):
    wide = wide_regions(make(ROWS), [RD, SOLD])
    found = {(r["region_code"], r["year_n"]): r for r in rows(region_indicators(wide, INDICATORS))}
    assert len(found) == 6
    beijing = found["11", 2023]
    assert beijing["sold_per_rd"] == pytest.approx(2.0)
    assert beijing["rd_growth"] == pytest.approx(10.0)  # 1.331 = 1.1 ** 3
    assert beijing["rd_level"] == pytest.approx(1_331_000)
    assert found["11", 2020]["rd_growth"] is None and found["11", 2020]["sold_per_rd"] is None
    assert found["12", 2023]["rd_growth"] is None, "growth from 0 has no rate"
    assert found["12", 2023]["sold_per_rd"] is None, "missing is not 0"
    assert found["13", 2023]["rd_level"] is None, "two printings that disagree are no figure"
    assert found["13", 2023]["sold_cny"] is None
    assert found["14", 2023]["sold_per_rd"] is None, "nothing by 0"


def test_wrong_input_says_what(make):
    with pytest.raises(MissingColumn, match="unit"):
        wide_regions(
            make([{"region_code": "11", "year_n": 1, "variable": "x", "value": 1.0}]), [RD]
        )
    with pytest.raises(MissingColumn, match="sold_cny"):
        region_indicators(wide_regions(make(ROWS), [RD]), INDICATORS)
    with pytest.raises(InvalidInput, match=r"kind must be one of .* got 'ratio' without by"):
        Indicator.from_data("x", {"kind": "ratio", "of": "rd_cny"})
    with pytest.raises(InvalidInput, match="got 'share'"):
        Indicator.from_data("x", {"kind": "share"})
