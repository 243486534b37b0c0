"""Points by hand from the weights of a small model; the installed model names its numbers."""

import tomllib
from datetime import date
from importlib.resources import files
from string import Formatter

import polars as pl
import pytest

from techflow.basics import InvalidInput
from techflow.disclosure import CHECKS, DisclosureModel, ask_questions, score_statements

INSTALLED = tomllib.loads((files("techflow_content.models") / "disclosure.toml").read_text("utf8"))


def small(**changes):
    words = {"zh": "甲", "en": "A", "reference": "test"}
    ask = {"zh": "{year}年{size:.1f}，{record}", "en": "{year}: {size:.1f}, {record}"}
    check = {"id": "balance", "kind": "check", "weight": 30, "question": ask} | words
    away = {"id": "size", "kind": "away", "column": "size", "weight": 10, "low": 1, "high": 3}
    return {
        "id": "small",
        "mark": "proposal",
        "known_share_min": 0.5,
        "peers_n_min": 5,
        "restated_share_min": 0.0,
        "tolerances": {check.name: 0.0 for check in CHECKS},
        "signal": [check, away | words | {"question": ask}],
    } | changes


@pytest.mark.parametrize(
    ("ok", "size", "score", "known"),
    [
        (False, 2.0, 35 * 100 / 40, 1.0),
        (True, -2.0, 5 * 100 / 40, 1.0),
        (True, 9.0, 25.0, 1.0),
        (True, 0.5, 0.0, 1.0),
        (False, None, 100.0, 0.75),
        (None, 9.0, None, 0.25),
        (None, None, None, 0.0),
    ],
)
def test_points_by_hand(make, rows, ok, size, score, known):
    frame = make(
        pl.DataFrame(
            {"ok_balance": [ok], "size": [size]},
            schema=[("ok_balance", pl.Boolean), ("size", pl.Float64)],
        )
    )
    (found,) = rows(score_statements(frame, model=DisclosureModel.from_data(small())))
    assert found["disclosure_score"] == (None if score is None else pytest.approx(score))
    assert found["disclosure_known_share"] == pytest.approx(known)


def test_questions_name_the_number_the_year_and_the_record_heaviest_first():
    model = DisclosureModel.from_data(small())
    row = {
        "firm_id": "cn.name:x",
        "period_end_on": date(2019, 12, 31),
        "basis": "separate",
        "source_id": "s1",
        "source_row_n": 7,
        "size": 2.5,
        "part_balance": 30.0,
        "part_size": 7.5,
    }
    first, second = ask_questions(row, model=model)
    assert (first.signal, second.signal) == ("balance", "size")
    record = "statement cn.name:x 2019-12-31 separate (source s1, row 7)"
    assert first.record == record and first.en == f"2019: 2.5, {record}"
    assert second.zh == "2019年2.5，报表 cn.name:x 2019-12-31 单体（来源 s1，第7行）"
    assert not ask_questions(row | {"part_balance": 0.0, "part_size": None}, model=model)


@pytest.mark.parametrize("item", INSTALLED["signal"], ids=lambda item: item["id"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_installed_question_names_a_number_the_year_and_the_record(item, language):
    names = {name for _, name, _, _ in Formatter().parse(item["question"][language]) if name}
    assert {"year", "record"} < names
    assert any(name.endswith(("_lcy", "_ratio", "_p", "_max")) for name in names)
    assert item[language] and item["reference"].startswith("proposal")


def test_each_check_is_a_signal_of_the_installed_model():
    model = DisclosureModel.from_data(INSTALLED)
    assert model.mark == "proposal"
    assert {c.name for c in CHECKS} == {s.id for s in model.signals if s.kind == "check"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "odd"}, "kind must be one of check, away, above; got odd"),
        ({"weight": 0}, "weight must be above 0; got 0"),
        ({"low": 1.0}, "low and high must differ"),
        ({"id": "nothing"}, "a check needs a tolerance"),
    ],
)
def test_a_wrong_model_is_told(changes, message):
    data = small()
    data["signal"][0] |= changes
    with pytest.raises(InvalidInput, match=message):
        DisclosureModel.from_data(data)
    with pytest.raises(InvalidInput, match="every check; assets_split"):
        DisclosureModel.from_data(small(tolerances={"balance": 0.0}))
