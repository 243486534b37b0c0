"""`techflow market proceeds` on three small files, refused rows and wrong input."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, MissingColumn
from techflow_service.cli import techflow

PLAN = """firm_id,project_id,purpose,since,until,planned_cny
甲,产线,设备,2024-01-01,2025-01-01,1000000
甲,产线,设备,2025-01-01,2026-01-01,1000000
甲,研发,人员,2024-01-01,2026-01-01,500000
甲,研发,人员,2024-01-01,2023-01-01,5
"""
SPENT = """firm_id,project_id,purpose,spent_on,spent_cny
甲,产线,设备,2024-05-01,950000
甲,产线,设备,2025-05-01,400000.01
甲,产线,购地,2025-06-01,300000
甲,研发,理财,2025-06-01,200000
甲,分红,分红,2025-06-01,10
甲,产线,设备,someday,1
甲,产线,设备,2027-01-01,1
"""
CHANGES = "firm_id,project_id,purpose,approved_on\n甲,产线,购地,2025-05-20\n"


def run(folder, *more, plan=PLAN, spent=SPENT, changes=CHANGES):
    for name, text in (("plan", plan), ("spent", spent), ("changes", changes)):
        (folder / f"{name}.csv").write_text(text, "utf8")
    arguments = [str(folder / "plan.csv"), str(folder / "spent.csv"), "--as-of", "2026-06-30"]
    arguments += ["--changes", str(folder / "changes.csv"), "--out", str(folder / "out"), *more]
    return CliRunner().invoke(techflow, ["market", "proceeds", *arguments], catch_exceptions=False)


def test_plan_payments_and_a_change(tmp_path):
    told = json.loads(run(tmp_path, "--json").output)
    # By hand: 2025 is 60 % under its plan, 研发 spent nothing on staff (100 % under); 40 % of 研发
    # was spent when its plan ended, under one half; 产线 did 82.5 %.
    assert told["uses"] == {
        "planned": 2,
        "approved": 1,
        "changed": 1,
        "no_project": 1,
        "unknown": 0,
        "outside": 0,
    }
    assert told["periods_off_n"] == 2
    assert told["flags"] == {"ok_total": 0, "ok_pace": 1, "ok_alive": 2}
    assert told["spent_cny"] == pytest.approx(1850010.01)
    refused = pl.read_csv(tmp_path / "out" / "refused.csv").select("file", "reason_en").rows()
    assert refused == [
        ("plan.csv", "until must be after since"),
        ("spent.csv", "spent_on cannot be read"),
        ("spent.csv", "after the day asked for"),
    ]
    page = (tmp_path / "out" / "proceeds.html").read_text("utf8")
    assert "改变用途，付款时未经批准" in page
    assert "未核实 0.9" in page
    assert "What this page cannot know" in page


def test_wrong_input_is_said(tmp_path):
    with pytest.raises(MissingColumn, match="planned_cny not there"):
        run(tmp_path, plan="firm_id,project_id,purpose,since,until\nf,p,x,2024-01-01,2025-01-01\n")
    with pytest.raises(InvalidInput, match="no row can be used: planned_cny is no number"):
        run(tmp_path, plan=PLAN.splitlines()[0] + "\nf,p,x,2024-01-01,2025-01-01,much\n")
    with pytest.raises(InvalidInput, match="cannot be read"):
        run(tmp_path, "--model", str(tmp_path / "none.toml"))
