"""The credit report: two pages, one language, sealed; a changed byte is found."""

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest

ROW = {
    "grade": "TF4",
    "pd": 0.012,
    "limit_lcy": 3_400_000.0,
    "rate_pa": 0.0461,
    "reason_1_zh": "应付账款周转变慢：上年 61 天，本年 88 天",
    "reason_1_en": "Payables turn slower: 61 days a year ago, 88 now",
    "missing_zh": "专利清单",
    "missing_en": "list of patents",
    "limit_reason_code": "debt_unknown",
    "card_id": "cn-sme-default",
    "card_hash": "ab12",
}


@pytest.fixture(scope="module")
def scene(world):
    run, bank = world.run(), world.org()
    firm_id = world.firm(run, parts=())
    for part, body in (("grade", {"assessment": [ROW]}), ("technology", {"technology": [{}]})):
        world.models.Sheet.objects.using("owner").create(
            run=run, firm_id=firm_id, part=part, body=body
        )
    world.consent(firm_id, bank)
    return {"firm_id": firm_id, "client": world.client(world.member("credit_officer", bank))}


@pytest.fixture(scope="module")
def pdf(scene):
    answer = scene["client"].get(f"/firms/{scene['firm_id']}/report.pdf")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer.status_code == 200
    return answer.content


def told(scene, language, parts=None):
    from techflow_service.platform.credit_report import tell
    from techflow_service.platform.models import Firm, Run

    firm = Firm.objects.using("owner").get(firm_id=scene["firm_id"])
    run = Run.objects.using("owner").last()
    status = {"status_zh": "未批准", "status_en": "not approved"}
    run.record = {"cards": [{"card_id": "cn-sme-default", "register": status}]}
    parts = {"grade": {"assessment": [ROW]}} if parts is None else parts
    return tell(firm, run, parts, datetime(2026, 11, 27, tzinfo=UTC), language)


def test_it_is_a_pdf_of_at_most_two_pages(pdf):
    assert pdf.startswith(b"%PDF-")
    assert 1 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page/") <= 2


def test_the_seal_is_found_by_anyone_and_a_changed_byte_is_not(pdf, world):
    client = world.client()
    post = lambda data: client.post("/verify", {"file": BytesIO(data)}).content.decode()  # noqa: E731
    assert "内容未改动" in post(pdf)
    assert "没有封存过" in post(pdf[:-1] + bytes([pdf[-1] ^ 1]))


def test_nonsense_for_a_fingerprint_is_told(world):
    assert world.client().post("/verify", {"sha256": "zz"}).status_code == 400


def test_the_same_report_gives_the_same_bytes(scene):
    from techflow_service.platform.credit_report import write_pdf

    assert write_pdf(told(scene, "en")) == write_pdf(told(scene, "en"))


@pytest.mark.parametrize(
    ("language", "own", "other"), [("zh", "3", "Payables"), ("en", "3", "应付")]
)
def test_it_speaks_one_language(scene, language, own, other):
    text = json.dumps(told(scene, language), ensure_ascii=False)
    assert other not in text
    assert ("340.00万" if language == "zh" else "3.40m") in text
    assert "1.20%" in text, "a default probability has two decimals"


def test_what_was_not_granted_is_said_not_shown(scene):
    report = told(scene, "en", parts={})
    assert report["facts"] == []
    assert "Not granted" in {section["title"] for section in report["sections"]}


def test_a_full_report_has_two_pages_and_says_what_kind_of_verdict_it_is(scene):
    """With every part granted; the second page begins with the qualifications."""
    from techflow_service.platform.credit_report import CASH, NETWORK, TABLES, write_pdf

    parts = {}
    for _, part, file, names in TABLES:
        parts.setdefault(part, {}).setdefault(file, [{}])[0].update(dict.fromkeys(names))
    policy = {"policy_id": "cn.hnte", "answer": "yes", "document": "文件", "mark": "text"}
    parts |= {
        "grade": {"assessment": [ROW | {"verdict": "graded", "pd_basis": "classification"}]},
        "qualification": {"qualification": [policy] * 12},
        "evidence": {"profile": [{"evidence_on": "2026-06-30"}]},
    }
    parts["cash"]["profile"][0] |= {"sales_12m_lcy": 2.85e8, "trade_currency": "CNY"}
    for language, kind in (("zh", "分类"), ("en", "Classification, not a forecast")):
        report = told(scene, language, parts)
        text = json.dumps(report, ensure_ascii=False)
        assert kind in text
        assert {"zh": "2.85亿元", "en": "CNY 285.00m"}[language] in text
        assert {"zh": "未批准", "en": "not approved"}[language] in text
        assert "2026-06-30" in text
        assert {len(CASH), len(NETWORK)} <= {len(one["rows"]) for one in report["sections"]}
        pdf = write_pdf(report)
        assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page/") == 2
        assert write_pdf(report | {"sections": report["sections"][:2]}) != pdf


def test_each_part_that_was_not_granted_is_named(scene):
    report = told(scene, "en", parts={})
    hidden = next(one for one in report["sections"] if one["title"] == "Not granted")
    assert len(hidden["rows"]) == 8
