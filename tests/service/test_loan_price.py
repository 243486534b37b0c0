"""`techflow loan price`: rows kept in order, reasons, dated tools, one screen in two languages."""

import json
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, NotInForce
from techflow.pricing import FREE, PARTS, TOOLS
from techflow_service.cli import techflow
from techflow_service.price_columns import Way
from techflow_service.price_schedule import list_payments
from techflow_service.pricing import price_rows, read_tools

DAY = date(2026, 6, 30)
LOANS = pl.DataFrame(
    {
        "firm_id": ["A", "B", "C", "D", "E"],
        "pd": ["0.02", "0.035", "1.2", "0.01", "0.008"],
        "amount_cny": ["3000000", "12000000", "1000000", "-5", "40000000"],
        "sales_cny": ["18000000", "90000000", "5000000", "5000000", "400000000"],
        "term_months": ["12", "36", "12", "12", "24"],
        "repayment": ["bullet", "equal_principal", "bullet", "bullet", "bullet"],
    }
)
GUANGZHOU = "cn.guangzhou_pool_bank"


def one(changed=None, **way):
    row = {"firm_id": "A", "pd": 0.02, "amount_cny": 3e6, "sales_cny": 1.8e7} | (changed or {})
    return price_rows(pl.DataFrame([row]), Way(**({"on": DAY} | way))).rows.row(0, named=True)


def run(tmp_path, *words, loans=LOANS):
    path, out = tmp_path / "loans.csv", tmp_path / "out.csv"
    loans.write_csv(path)
    asked = ["loan", "price", str(path), "--on", str(DAY), "--out", str(out), *words]
    return CliRunner().invoke(techflow, asked), out


def test_one_row_out_per_row_in_same_order_with_reasons(tmp_path):
    done, out = run(tmp_path, "--json")
    assert done.exit_code == 0, done.output
    found = pl.read_csv(out)
    assert found["firm_id"].to_list() == ["A", "B", "C", "D", "E"]
    reasons = [None, None, "pd_out_of_range", "amount_not_positive", None]
    assert found["reason_code"].to_list() == reasons
    assert found["rate_pa"].is_null().to_list() == [code is not None for code in reasons]
    told = json.loads(done.stdout)
    assert (told["rows_n"], told["priced_n"]) == (5, 3)
    assert told["numbers"]["funding_rate_pa"]["mark"] == "proposal"


def test_by_hand_without_tools():
    """0.75 x 0.105 x (0.13 - 0.025) = 0.00826875; exempt from tax: 3 m to a small firm."""
    row = one()
    rate = (0.02 * 0.4 + 0.025 + 0.012 + 0.00826875) / 0.98
    assert row["rate_pa"] == pytest.approx(rate, abs=1e-14)
    assert row["tax_rate_pa"] == 0.0


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"pd": "many"}, "pd_missing"),
        ({"amount_cny": "inf"}, "amount_not_positive"),
        ({"sales_cny": -1}, "sales_negative"),
        ({"lgd": 1.5}, "lgd_out_of_range"),
        ({"term_months": 0}, "term_out_of_range"),
        ({"term_months": 1e7}, "term_out_of_range"),
        ({"repayment": "sometimes"}, "term_out_of_range"),
        ({"firm_fee_share": -0.1}, "fee_out_of_range"),
    ],
)
def test_a_wrong_cell_spoils_its_own_row_only(changed, reason):
    good = {"pd": "0.02", "amount_cny": "1000000"} | dict.fromkeys(changed, None)
    usual = {"sales_cny": 1e7, "lgd": 0.4, "term_months": 12, "repayment": "bullet"}
    good |= {name: str(usual.get(name, good.get(name) or 0.01)) for name in changed}
    bad = good | {name: str(value) for name, value in changed.items()}
    rows = price_rows(pl.DataFrame([good, bad]), Way(on=DAY)).rows
    assert rows["reason_code"].to_list() == [None, reason]


def test_an_empty_cell_is_as_if_the_column_were_absent():
    """Loss given default and term have a usual number; 0.40 and 12 months are stated by hand."""
    stated = one({"lgd": 0.40, "term_months": 12})["rate_pa"]
    assert one({"lgd": None, "term_months": None})["rate_pa"] == stated
    assert one({"lgd": " ", "term_months": ""})["rate_pa"] == stated
    assert one()["rate_pa"] == stated
    assert one({"lgd": "high"})["reason_code"] == "lgd_missing"


@pytest.mark.parametrize(("on", "exempt"), [(date(2017, 6, 1), False), (date(2018, 1, 1), True)])
def test_the_exemption_of_small_loans_has_a_beginning(on, exempt):
    """财税〔2017〕77号: from December 2017, up to 1 million."""
    row = one({"amount_cny": 9e5}, on=on)
    assert (row["tax_rate_pa"] == 0.0) is exempt


def test_tax_is_due_above_the_exempt_amount():
    """6 % in the price of interest, with 12 % on top: 0.06 / 1.06 x 1.12."""
    row = one({"amount_cny": 1.1e7})
    assert row["tax_rate_pa"] / row["rate_pa"] == pytest.approx(0.06 / 1.06 * 1.12, abs=1e-12)


@pytest.mark.parametrize(
    ("on", "share", "saved"),
    [
        (date(2024, 6, 30), None, 0.6 * (0.025 - 0.0175)),  # rules file 7.1: 60 %, 1.75 %
        (date(2025, 6, 30), 0.6, 0.6 * (0.025 - 0.015)),  # 1.5 % from 2025-05-07
        (date(2026, 1, 19), 0.5, 0.5 * (0.025 - 0.0125)),  # 1.25 % from 2026-01-19
    ],
)
def test_relending_goes_by_date(on, share, saved):
    row = one(on=on, tools=("relending",), relending_share=share)
    assert row["relending_rate_part_pa"] == pytest.approx(-saved, abs=1e-15)


@pytest.mark.parametrize(
    ("amount", "told", "share"),
    [
        (4e6, {"on_key_support_list": "yes"}, 0.5),  # min(40 + 15 + 5, 50): rules file, section 12
        (1e7, {"on_key_support_list": "yes"}, 0.5),
        (2e7, {"on_key_support_list": "yes"}, 0.4),
        (2e7, {}, 0.25),  # 20 + 5: supported by relending
        (3.1e7, {}, 0.0),  # outside the scope
    ],
)
def test_the_pool_pays_by_its_own_rule(amount, told, share):
    way = {"tools": ("relending", "pool"), "pool": GUANGZHOU, "relending_share": 0.5}
    row = one({"amount_cny": amount} | told, **way)
    assert row["pool_loss_share"] == pytest.approx(share * 0.4, abs=1e-15)


def test_zhuhai_pays_at_most_three_million_a_project():
    """A first loan: 90 % of 10 m x 0.4, but at most 3 m."""
    way = {"tools": ("pool",), "pool": "cn.zhuhai_pool"}
    row = one({"amount_cny": 1e7, "first_loan": "yes"}, **way)
    assert row["pool_loss_share"] == pytest.approx(0.3, abs=1e-15)
    plain = one({"amount_cny": 1e6, "first_loan": "yes"}, **way)
    assert plain["pool_loss_share"] == pytest.approx(0.36, abs=1e-15)


def test_a_guaranteed_loan_is_not_compensated_in_bank_mode():
    row = one(tools=("guarantee", "pool"), pool=GUANGZHOU)
    assert (row["guarantee_loss_share"], row["pool_loss_share"]) == (pytest.approx(0.32), 0.0)


def test_a_guarantee_stops_at_the_most_for_one_borrower():
    """财金〔2024〕60号: at most 80 %, and 30 million for one borrower."""
    row = one({"amount_cny": 4e7, "sales_cny": 4e8}, tools=("guarantee",))
    assert row["guarantee_loss_share"] == pytest.approx(0.75 * 0.4, abs=1e-15)
    asked = one({"guarantee_share": 0.95}, tools=("guarantee",))
    assert asked["guarantee_loss_share"] == pytest.approx(0.8 * 0.4, abs=1e-15)


def test_a_tool_can_be_left_out_row_by_row():
    loans = pl.DataFrame(
        {"pd": [0.02] * 3, "amount_cny": [1e6] * 3, "use_discount": ["yes", "no", "?"]}
    )
    rows = price_rows(loans, Way(on=DAY, tools=("discount",))).rows
    assert rows["discount_rate_part_pa"].to_list() == [-0.015, 0.0, None]
    assert rows["reason_code"].to_list() == [None, None, "discount_fact_missing"]


def test_internal_ratings_use_the_floor_and_the_size():
    """CRE99, LGD 40 %, M 2.5: 82.06 % at 1 %, and 17.47 % at the floor of 0.05 %."""
    large = {"sales_cny": 1e9, "term_months": 30}
    assert one({"pd": 0.01} | large, irb=True)["risk_weight_ratio"] == pytest.approx(
        0.8206, abs=5e-5
    )
    low = one({"pd": 0.0001} | large, irb=True)
    assert low["risk_weight_ratio"] == pytest.approx(0.1747, abs=5e-5)
    small = one({"pd": 0.01, "sales_cny": 3e7, "term_months": 30}, irb=True)
    assert small["risk_weight_ratio"] == pytest.approx(0.6435, abs=5e-5)  # as 5 m euros


def test_every_tool_at_once_adds_up_and_free_tools_do_not_raise_the_rate():
    way = {"tools": tuple(TOOLS), "pool": GUANGZHOU, "relending_share": 0.5}
    loans = LOANS.with_columns(warrant_cny=pl.lit("30000"))
    rows = price_rows(loans, Way(on=DAY, **way)).rows
    for row in rows.filter(pl.col("reason_code").is_null()).rows(named=True):
        assert sum(row[name] for name in PARTS) == pytest.approx(row["rate_pa"], abs=1e-12)
        assert all(row[f"effect_{tool}_firm_rate_pa"] <= 1e-15 for tool in FREE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tools", "magic"], "tools must be some of relending"),
        (["--tools", "relending"], "not published for 2026-06-30; give it as --relending-share"),
        (["--tools", "relending", "--relending-share", "1.4"], "between 0 and 1; got 1.4"),
        (["--relending-share", "0.4"], "without the tool relending"),
        (["--tools", "pool"], "the tool pool needs one of cn.guangzhou_pool_bank"),
        (["--tools", "warrant"], "needs the column warrant_cny"),
        (["--explain", "Z"], "no firm Z in the file"),
    ],
)
def test_wrong_input_says_what_is_wrong(tmp_path, words, said):
    done, out = run(tmp_path, *words)
    assert isinstance(done.exception, InvalidInput) and said in str(done.exception)
    assert not out.exists()


def test_wrong_files_and_days_say_so():
    with pytest.raises(InvalidInput, match="needs the column amount_cny"):
        price_rows(pl.DataFrame({"pd": [0.1]}), Way(on=DAY))
    with pytest.raises(InvalidInput, match="rename rate_pa"):
        price_rows(pl.DataFrame({"pd": [0.1], "amount_cny": [1.0], "rate_pa": [0.1]}), Way(on=DAY))
    with pytest.raises(NotInForce, match="fiscal_discount is not in force on 2027-01-01"):
        one(on=date(2027, 1, 1), tools=("discount",))
    with pytest.raises(NotInForce, match="vat_rate has no value on 2015-01-01"):
        one(on=date(2015, 1, 1))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["Break-even rate a year", "[text] cn.tech_relending, 2026-01-19", "operator"]),
        ("zh", ["保本利率（年）", "中国人民银行", "操作员输入", "每项工具的边际作用"]),
    ],
)
def test_one_screen_names_every_part_with_source_and_mark(tmp_path, lang, said):
    words = ["--tools", "relending,guarantee,discount,crmw,insurance,relief", "--lang", lang]
    done, out = run(tmp_path, *words, "--relending-share", "0.5", "--explain", "B")
    assert done.exit_code == 0, done.output
    assert all(word in done.stdout for word in said), done.stdout
    row = pl.read_csv(out).row(1, named=True)
    for name in ("rate_pa", "all_in_rate_pa", "guarantee_rate_pa", "insurance_rate_pa"):
        assert f"{row[name]:.3%}" in done.stdout
    assert len(done.stdout.splitlines()) <= 45


@pytest.mark.parametrize(("lang", "said"), [("en", "PD must be between"), ("zh", "违约概率须在")])
def test_a_loan_without_a_price_says_why(tmp_path, lang, said):
    done, _ = run(tmp_path, "--explain", "C", "--lang", lang)
    assert said in done.stdout


def test_tools_are_read_by_commas_in_the_order_they_act():
    assert read_tools(["discount, guarantee", "relending"]) == (
        "relending",
        "guarantee",
        "discount",
    )


LEVEL = {"term_months": 24, "repayment": "equal_instalment", "firm_fee_share": 0.01}


def test_equal_instalments_are_reckoned_at_the_rate_that_breaks_even():
    """The fee at the start is spread over what is owed on the way, by hand at the rate found."""
    row = one(LEVEL, period_months=1)
    rate, lived = row["rate_pa"] / 12, 0.98 ** (1 / 12)
    owed, worth, weight = 1.0, 0.0, 1.0
    payment = 1 / sum((1 + rate) ** -k for k in range(1, 25))
    for _ in range(24):
        weight /= 1 + 0.025 / 12
        worth += weight * owed / 12
        weight *= lived
        owed = owed * (1 + rate) - payment
    assert owed == pytest.approx(0.0, abs=1e-12)
    assert row["firm_fee_part_pa"] == pytest.approx(0.01 / worth, abs=1e-12)
    kinds = [LEVEL | {"repayment": kind} for kind in ("bullet", "equal_principal")]
    least, most = (one(kind, period_months=1)["firm_fee_part_pa"] for kind in kinds)
    assert least < row["firm_fee_part_pa"] < most


@pytest.mark.parametrize("changed", [{"pd": 0.9999}, {"term_months": 600}, {"pd": 1e-9}])
def test_equal_instalments_have_a_price_at_the_ends_of_the_range(changed):
    row = one(LEVEL | changed, period_months=1, tools=("relief", "discount"))
    assert row["reason_code"] is None
    assert sum(row[name] for name in PARTS) == pytest.approx(row["rate_pa"], rel=1e-12)


def test_each_payment_is_written_and_told(tmp_path):
    kinds = LOANS.with_columns(repayment=pl.Series(["", "", None, "bullet", "equal_instalment"]))
    plan = tmp_path / "plan.csv"
    words = ["--repayment", "equal_instalment", "--pay-every-months", "1"]
    asked = ["--explain", "B", "--lang", "zh"]
    done, _ = run(tmp_path, *words, *asked, "--schedule", str(plan), loans=kinds)
    assert done.exit_code == 0, done.output
    rows = pl.read_csv(plan)
    assert rows["firm_id"].unique(maintain_order=True).to_list() == ["A", "B", "E"]
    sums = rows.group_by("firm_id", maintain_order=True).agg(
        pl.len(), pl.col("principal_cny").sum()
    )
    assert sums.rows() == [("A", 12, 3e6), ("B", 36, 12e6), ("E", 24, pytest.approx(4e7, rel=0))]
    level = rows.filter(pl.col("firm_id") == "B")["payment_cny"]
    assert level.head(35).n_unique() == 1
    assert "等额本息" in done.stdout and "本金合计12,000,000.00元" in done.stdout
    told, _ = run(tmp_path, *words, "--explain", "A", loans=kinds)
    assert "equal instalments every 1 months" in told.stdout
    assert "principal 3,000,000.00 yuan" in told.stdout


@pytest.mark.parametrize("offered", ["-2", "inf", "much", ""])
def test_a_rate_that_cannot_be_offered_counts_as_unknown(tmp_path, offered):
    loans = LOANS.head(1).with_columns(
        offered_rate_pa=pl.lit(offered), repayment=pl.lit("equal_instalment")
    )
    plan = tmp_path / "plan.csv"
    done, out = run(tmp_path, "--schedule", str(plan), "--explain", "A", loans=loans)
    assert done.exit_code == 0, done.output
    rate = pl.read_csv(out)["rate_pa"][0]
    assert pl.read_csv(plan)["rate_pa"].to_list() == [rate]
    assert f"Payments at {rate:.3%}" in done.stdout


def test_equal_instalments_follow_the_rate_offered():
    """PMT(6%/12, 24, 3000000) = 132,961.83; the break-even rate is another."""
    row = pl.DataFrame([LEVEL | {"pd": 0.02, "amount_cny": 3e6, "offered_rate_pa": 0.06}])
    paid = list_payments(price_rows(row, Way(on=DAY, period_months=1)))
    assert paid["payment_cny"][0] == 132_961.83 and paid["rate_pa"][0] == 0.06


def test_an_unknown_repayment_stops_the_command(tmp_path):
    done, _ = run(tmp_path, "--repayment", "equal")
    assert done.exit_code == 2 and "equal_instalment" in done.output


@pytest.mark.parametrize(
    ("changed", "lang", "said"),
    [
        (
            {"security": "patent", "pledge_value_cny": "2000000"},
            "zh",
            ["专利质押2,000,000元", "[建议值]", "40.0%降为33.3%", "标准法不认可专利质押"],
        ),
        (
            {"security": "receivable", "security_value_cny": "4000000", "advance_share": "0.7"},
            "en",
            ["haircut 30% [operator]", "covers 93.3%", "[unverified]", "capital unchanged"],
        ),
        ({"security": "equity"}, "zh", ["按无担保贷款计价：缺少担保物价值"]),
        ({"security": "equity"}, "en", ["priced as unsecured: its value is missing"]),
    ],
)
def test_the_screen_says_what_collateral_does(tmp_path, changed, lang, said):
    loans = LOANS.head(1).with_columns(**{k: pl.lit(v) for k, v in changed.items()})
    done, _ = run(tmp_path, "--explain", "A", "--lang", lang, loans=loans)
    assert done.exit_code == 0, done.output
    for words in said:
        assert words in done.stdout
