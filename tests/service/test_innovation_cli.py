"""`innovation flow | fields` on files: rows and order kept, the unknown said, figures by hand."""

import json
import re
from datetime import date

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow
from techflow_service.innovating.flow import describe_columns, load_flow_model, score_firms

MODEL = load_flow_model()
COLUMNS = describe_columns(MODEL)["column"].to_list()


def run(*words):
    return CliRunner().invoke(
        techflow, ["innovation", *map(str, words)], catch_exceptions=False, standalone_mode=False
    )


def test_show_lists_every_column_in_both_languages():
    shown = run("flow", "--show").output
    assert all(f"{name} " in shown for name in COLUMNS) and len(COLUMNS) == 19
    told = json.loads(run("flow", "--show", "--json").output)
    assert [row["column"] for row in told] == COLUMNS
    assert all(re.search("[一-鿿]", row["zh"]) and row["en"] for row in told)


FIRMS = """firm_id,rnd_share,rnd_staff_share,inventions_n,subclasses_n,note
a,0.06,0.3,5,5,x
b,,,,,y
c,0.15,n/a,20,5,z
a,0,0,0,0,x
"""


def test_flow_keeps_rows_and_says_what_is_unknown(tmp_path):
    (tmp_path / "firms.csv").write_text(FIRMS)
    out = tmp_path / "flow.csv"
    told = json.loads(run("flow", tmp_path / "firms.csv", "--out", out, "--json").output)
    found = pl.read_csv(out)
    assert found["firm_id"].to_list() == ["a", "b", "c", "a"] and found["note"].to_list() == [
        *"xyzx"
    ]
    absent = [name for name in COLUMNS if name not in FIRMS.splitlines()[0].split(",")]
    assert told["absent"] == absent and told["unreadable_n"] == 1 and told["rows_n"] == 4
    # By hand, no stage: input 20 x 0.8 known, output 20 x 0.4, breadth 10: 34 of 100, under 40.
    assert found["flow_known_share"][0] == pytest.approx(0.34)
    assert found["flow_score"].null_count() == 4
    assert found["flow_reason_code"].to_list() == ["too_little_known"] * 4
    # Points 70, 100, 70, 100 on weights 10, 6, 8, 10.
    assert found["flow_score_min"][0] == pytest.approx((700 + 600 + 560 + 1000) / 100)


def firm(**known):
    return {**dict.fromkeys(COLUMNS), "rnd_share": 0.06, "rnd_share_trend_pa": 0.0, **known}


def test_a_past_day_sees_only_what_was_known_then():
    years = [(2024, "a"), (2025, "a"), (2024, "a"), (2024, "b"), (None, "b"), (2023, "a")]
    rows = pl.DataFrame(
        [
            {
                **firm(
                    rnd_staff_share=0.1,
                    inventions_n=n,
                    subclasses_n=1,
                    credentials_n=1,
                    funding_rounds_n=1,
                ),
                "firm_id": who,
                "known_on": None if year is None else f"{year}-06-30",
            }
            for n, (year, who) in enumerate(years)
        ],
        schema_overrides=dict.fromkeys(COLUMNS, pl.Float64),
    )
    found = score_firms(rows, MODEL, as_of=date(2024, 6, 30)).rows
    assert found["flow_reason_code"].to_list() == [
        None,
        "known_later",
        None,
        None,
        "no_known_date",
        None,
    ]
    assert found["flow_latest"].to_list() == [False, False, True, True, False, False]
    now = score_firms(rows, MODEL).rows
    assert found["flow_score"][2] == now["flow_score"][2] is not None
    assert found["flow_score"].is_null().to_list() == [False, True, False, False, True, False]
    assert found.filter(pl.col("flow_reason_code") == "known_later")[
        "flow_score_min"
    ].to_list() == [None]
    assert now["flow_reason_code"].to_list() == [None] * 6


def test_flow_names_what_is_missing(tmp_path):
    with pytest.raises(MissingColumn, match="rnd_share"):
        score_firms(pl.DataFrame({"age_years": [1.0]}), MODEL)
    with pytest.raises(MissingColumn, match="known_on"):
        score_firms(
            pl.DataFrame({"rnd_share": [0.1], "firm_id": ["a"]}), MODEL, as_of=date(2024, 1, 1)
        )
    with pytest.raises(InvalidInput, match="--show"):
        run("flow", tmp_path / "firms.csv")


def applications(path):
    """Field A doubles each year with new applicants, B and C stand still; C has one applicant."""
    rows, rng = [], np.random.default_rng(1)
    for year in range(2008, 2024):
        size = {"A61B": 2 ** max(0, year - 2016), "B01J": 60, "C07D": 60}
        for code, n in size.items():
            for k in range(n):
                who = {"A61B": f"{year}-{k}", "B01J": f"b{rng.integers(30)}", "C07D": "c"}[code]
                day = f"{year}-05-01"
                rows.append((f"{code}{year}{k}", who, f"{code}{k % 9}/00; {code}1/10", day))
    names = ("patent_id", "applicant_id", "ipc", "filed_on")
    pl.DataFrame(rows, schema=names, orient="row").write_csv(path)


def test_fields_of_a_file(tmp_path):
    applications(tmp_path / "in.csv")
    (tmp_path / "links.csv").write_text("field,sector,share\nA61B,C35,1\nB01J,C26,0.5\n")
    ran = run(
        "fields",
        tmp_path / "in.csv",
        "--field",
        "ipc",
        "--length",
        4,
        "--as-of",
        "2023-12-31",
        "--out",
        tmp_path / "out",
        "--sectors",
        tmp_path / "links.csv",
        "--json",
    )
    told = json.loads(ran.output)
    # Published 18 months after filing: on the last day of 2023 only filings to 2021 are complete.
    assert told["until_year"] == 2021 and told["absent"] == ["published_on"]
    fields = pl.read_csv(tmp_path / "out/fields.csv")
    first = fields.row(0, named=True)
    assert fields["field"].to_list()[0] == "A61B" and first["growth_rank_n"] == 1
    assert [first[f"applications_{y}_n"] for y in range(2017, 2022)] == [2, 4, 8, 16, 32]
    assert first["applications_n"] == 62 and first["entrant_share"] == 1.0
    assert first["applicant_hhi_share"] == 0.0
    whole = np.array([122, 124, 128, 136, 152.0])
    assert first["growth_plain_log_pa"] == pytest.approx(
        np.log(2) - np.polyfit(range(5), np.log(whole), 1)[0], abs=0.05
    )
    alone = fields.filter(pl.col("field") == "C07D").row(0, named=True)
    assert alone["applicant_hhi_share"] == 1.0 and alone["emerging"] is False
    # 60 applications in each year.
    assert alone["field_growth_rate_pa"] == pytest.approx(0.0, abs=0.03)
    assert "concentrated" in alone["emerging_reason"] and "集中" in alone["emerging_reason_zh"]
    years = pl.read_csv(tmp_path / "out/field_years.csv")
    late = years.filter(pl.col("year_n") > 2021)
    assert late["applications_n"].null_count() == late.height == 6
    assert set(late["year_reason_code"]) == {"year_open"}
    sectors = pl.read_csv(tmp_path / "out/sectors.csv")
    assert sectors["sector"].to_list() == ["C35", "C26"] and sectors["pd_factor"].null_count() == 2
    page = (tmp_path / "out/fields.html").read_text()
    assert page.count('data-l="zh"') == page.count('data-l="en"') == 15
    assert page.count("<svg") == 1 and page.count("<circle") == 3 and "http" not in page


def test_the_same_file_gives_the_same_bytes(tmp_path):
    applications(tmp_path / "in.csv")
    for name in ("one", "two"):
        run(
            "fields",
            tmp_path / "in.csv",
            "--field",
            "ipc",
            "--as-of",
            "2023-12-31",
            "--out",
            tmp_path / name,
        )
    for name in ("fields.csv", "field_years.csv", "fields.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_fields_names_what_is_missing(tmp_path):
    applications(tmp_path / "in.csv")
    file, out = tmp_path / "in.csv", tmp_path / "out"
    with pytest.raises(MissingColumn, match="cpc"):
        run("fields", file, "--field", "cpc", "--as-of", "2023-12-31", "--out", out)
    with pytest.raises(InvalidInput, match="none in 2024, 2025"):
        run("fields", file, "--field", "ipc", "--as-of", "2027-12-31", "--out", out)
    with pytest.raises(InvalidInput, match="no date"):
        run(
            "fields",
            file,
            "--field",
            "ipc",
            "--filed",
            "ipc",
            "--as-of",
            "2023-12-31",
            "--out",
            out,
        )


def test_a_code_cannot_break_the_page(tmp_path):
    applications(tmp_path / "in.csv")
    table = pl.read_csv(tmp_path / "in.csv").with_columns(pl.lit("<script>x</script>").alias("ipc"))
    table.write_csv(tmp_path / "bad.csv")
    run(
        "fields",
        tmp_path / "bad.csv",
        "--field",
        "ipc",
        "--as-of",
        "2023-12-31",
        "--out",
        tmp_path / "o",
    )
    assert "<script>x" not in (tmp_path / "o/fields.html").read_text()
