"""`techflow credit overrides`: every row is in force, superseded or refused with its reason."""

import json

import polars as pl
import pytest
from click.testing import CliRunner
from scipy.stats import beta, chi2_contingency
from tests.service.small_book import job_on, make_book

from techflow_service.assessing import assess_store
from techflow_service.cli import techflow

HEAD = "firm_id,on,card_id,grade_from,grade_to,reason_code,reason_text,by,approved_by\n"
SME = "cn-sme-default"
ROWS = f"""cumcm:E1,2020-07-01,{SME},TF5,TF6,adverse_news,,Li,
cumcm:E1,2020-08-01,{SME},TF5,TF4,technology,new patents,Zhao,
cumcm:E2,2020-07-01,{SME},TF6,TF3,group_support,,Li,
cumcm:E2,2020-07-02,{SME},TF6,TF8,other,lost its main buyer,Li,Wang
cumcm:E3,2020-07-01,techflow-expert,X1,X2,evidence_wrong,,Zhao,
cumcm:E4,2020-07-01,{SME},TF5,TF4,technology,,Li,
kr.stock:000001,2020-07-01,korea-distress,TF1,TF9,because,,Li,
kr.stock:000001,2020-07-01,korea-distress,TF1,TF2,newer_facts,,,
kr.stock:000001,2999-01-01,korea-distress,TF1,TF2,newer_facts,,Li,
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """An assessment of five firms, and its folder."""
    folder = tmp_path_factory.mktemp("book")
    assess_store(job_on(make_book(folder / "store"), folder / "out"))
    return folder / "out" / "assessment.parquet"


def run(tmp_path, assessment, text=HEAD + ROWS, *more):
    file = tmp_path / "override.csv"
    file.write_text(text, "utf8")
    argv = ["credit", "overrides", file, "--assessment", assessment, "--out", tmp_path / "out"]
    done = CliRunner().invoke(techflow, [str(item) for item in (*argv, *more)])
    if done.exception:
        raise done.exception
    return done.output, json.loads((tmp_path / "out" / "overrides.json").read_text("utf8"))


def test_each_row_is_in_force_superseded_or_refused_with_its_reason(tmp_path, book):
    _, told = run(tmp_path, book)
    counts = [told[f"{name}_n"] for name in ("rows", "in_force", "superseded", "refused")]
    assert counts == [9, 3, 1, 5]
    quarantine = pl.read_csv(tmp_path / "out" / "quarantine.csv")
    reasons = dict(quarantine.select("source_row_n", "reason_code").iter_rows())
    assert reasons == {
        3: "needs_approval",
        6: "no_grade",
        7: "unknown_code",
        8: "missing_value",
        9: "future_date",
    }
    assert quarantine.select("reason_zh", "reason_en", "row_json").null_count().row(0) == (0, 0, 0)
    assert sum(row["rows_n"] for row in told["problems"]) == 5


def test_the_final_assessment_keeps_the_models_columns(tmp_path, book):
    run(tmp_path, book)
    model = pl.read_parquet(book).sort("firm_id")
    final = pl.read_parquet(tmp_path / "out" / "assessment_final.parquet")
    assert final.select(model.columns).equals(model)
    assert final["grade_final"].to_list() == ["TF4", "TF8", "X2", None, "TF1"]
    assert final["override_by"].to_list() == ["Zhao", "Li", "Zhao", None, None]


def test_statistics_by_hand_in_both_languages(tmp_path, book):
    told_text, told = run(tmp_path, book)
    assert (told["graded_n"], told["overridden_n"], told["rate"]) == (4, 3, 0.75)
    assert (told["up_n"], told["down_n"], told["approved_n"]) == (1, 2, 1)
    assert told["mean_notches"] == pytest.approx((1 - 2 - 1) / 3)
    officers = {row["name"]: (row["up_n"], row["down_n"]) for row in told["by_officer"]}
    assert officers == {"Zhao": (1, 1), "Li": (0, 1)}
    assert {row["name"] for row in told["by_reason"]} == {"technology", "other", "evidence_wrong"}
    assert (told["notches_up_max"]["value"], told["notches_up_max"]["mark"]) == (1, "proposal")
    assert "The evidence is wrong / 证据有误 1 (0 up, 1 down)" in told_text
    assert told["outcomes"] is None
    assert told["by_notches"] == [
        {"notches_n": -2, "overridden_n": 1},
        {"notches_n": -1, "overridden_n": 1},
        {"notches_n": 1, "overridden_n": 1},
    ]


def many(tmp_path):
    """400 graded firms: 100 raised a notch of which 30 default, 300 kept of which 15 default."""
    ids = [f"f{n:03d}" for n in range(400)]
    # An import gives ids of one's own a prefix; the files that people write need not.
    rows = {"firm_id": [f"own:{name}" for name in ids]}
    rows |= {"card_id": [SME] * 400, "grade": ["TF5"] * 400, "pd": [0.015] * 400}
    rows = pl.DataFrame(rows).with_columns(as_of=pl.date(2020, 6, 30))
    rows.write_parquet(tmp_path / "assessment.parquet")
    text = "".join(f"{name},2020-07-01,{SME},TF5,TF4,technology,,Li,\n" for name in ids[:100])
    events = pl.DataFrame({"firm_id": ids, "event": [int(n < 30 or n >= 385) for n in range(400)]})
    events.write_csv(tmp_path / "outcomes.csv")
    return tmp_path / "assessment.parquet", HEAD + text, "--outcomes", tmp_path / "outcomes.csv"


def test_default_rates_of_overridden_and_kept_with_intervals(tmp_path):
    told_text, told = run(tmp_path, *many(tmp_path))
    groups = {group["treatment"]: group for group in told["outcomes"]["groups"]}
    assert set(groups) == {"kept", "overridden", "up"}
    for name, events, n in (("kept", 15, 300), ("overridden", 30, 100), ("up", 30, 100)):
        group = groups[name]
        assert (group["events_n"], group["firms_n"]) == (events, n)
        jeffreys = beta.ppf([0.025, 0.975], events + 0.5, n - events + 0.5)
        assert [group["low"], group["high"]] == pytest.approx(jeffreys.tolist())
        assert group["mean_pd"] == pytest.approx(0.015)
    table = [[15, 285], [30, 70]]
    expected = chi2_contingency(table, correction=False).pvalue
    assert told["outcomes"]["p_of_difference"] == pytest.approx(expected)
    assert "overridden upwards / 上调 30 of 100, 30.00%" in told_text


def test_the_page_says_it_in_both_languages_without_network(tmp_path):
    run(tmp_path, *many(tmp_path))
    page = (tmp_path / "out" / "overrides.html").read_text("utf8")
    assert "100 of 400 graded firms overridden (25.0%)" in page
    assert "有等级企业400家，调整100家 (25.0%)" in page
    assert "模型未反映的技术实力" in page and "Technology the model does not see" in page
    assert "30 / 100" in page and "http" not in page


def test_text_of_a_file_cannot_become_part_of_the_page(tmp_path, book):
    row = f"cumcm:E1,2020-07-01,{SME},TF5,TF6,technology,,<script>x</script>,\n"
    run(tmp_path, book, HEAD + row)
    page = (tmp_path / "out" / "overrides.html").read_text("utf8")
    assert "<script>x" not in page and "&lt;script&gt;x" in page


def test_no_valid_override_is_a_rate_of_zero(tmp_path, book):
    _, told = run(tmp_path, book, HEAD + ROWS.splitlines()[5] + "\n")
    assert (told["overridden_n"], told["rate"], told["mean_notches"]) == (0, 0.0, None)
    assert told["by_reason"] == [] and told["refused_n"] == 1


def test_wrong_files_say_what_to_do(tmp_path, book):
    with pytest.raises(ValueError, match=r"required column .*by \(调整人\) is missing"):
        run(tmp_path, book, HEAD.replace("by,approved_by", "approved_by") + ROWS)
    with pytest.raises(ValueError, match="must name the assessment"):
        run(tmp_path, tmp_path / "none.parquet")
    run(tmp_path, book)
    with pytest.raises(ValueError, match="holds overrides already"):
        run(tmp_path, tmp_path / "out" / "assessment_final.parquet")
    outcomes = tmp_path / "outcomes.csv"
    for text, said in (
        ("firm,event\na,1\n", "needs the column firm_id"),
        ("firm_id,event\na,2\n", r"event must be 1 .* got '2' in 1 rows"),
        ("firm_id,event\na,yes\n", "got 'yes'"),
        ("firm_id,event\na,1\na,0\n", "2 rows share a firm_id"),
        ("firm_id,event\na,1\n,0\n", "every row needs a firm_id"),
    ):
        outcomes.write_text(text, "utf8")
        with pytest.raises(ValueError, match=said):
            run(tmp_path, book, HEAD + ROWS, "--outcomes", outcomes)
