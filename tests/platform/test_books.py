"""Pages of figures: book, park, pools, market, policies, models.

Expected sums are worked out by hand from the rows that the tests write.
"""

import re
from datetime import date

import polars as pl
import pytest

CHINESE = re.compile(r"[\u4e00-\u9fff]")
DAY = date(2026, 11, 28)
"""Later than any run of other tests: the newest."""


def text_of(answer):
    """Words of a page's content, without tags and data of charts."""
    page = answer.content.decode()
    page = page[page.index('<main id="content"') :]
    page = re.sub(r"<script.*?</script>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture(scope="module")
def scene(world):
    """A run with three firms: two agreed to the bank and the park, one did not."""
    models = world.models
    run = world.run(DAY)
    bank, park = world.org(), world.org("park")
    debts = {"TF1": 3_000_000.0, "TF2": 1_000_000.0, "foreign": 50_000_000.0}
    firms = {}
    for grade, debt in debts.items():
        firm_id = firms[grade] = world.firm(run)
        rows = models.Standing.objects.using("owner").filter(firm_id=firm_id)
        rows.update(
            grade=grade[:6], debt_outstanding_lcy=debt, limit_lcy=debt / 2, currency="CNY",
            region_code="330000", sector="软件 / Software",
        )  # fmt: skip
        models.Lent.objects.using("owner").create(
            run=run, firm_id=firm_id, year=2025, loans_n=4, defaulted_n=1,
            outstanding_cny=debt, bad_cny=debt / 10,
        )  # fmt: skip
        models.Need.objects.using("owner").create(
            run=run, firm_id=firm_id, name=f"名称{grade}", plan_status="planned", plan_cny=500_000,
            asked_cny=debt, reason_zh="选甲而非乙", reason_en="A rather than B",
        )  # fmt: skip
    for grade in ("TF1", "TF2"):
        parts = ("identity", "grade", "plan")
        world.consent(firms[grade], bank, parts=parts)
        world.consent(firms[grade], park, "park_service", parts)
    models.Study.objects.using("owner").create(
        kind="market", subject="", as_of=DAY, made_at="2026-11-28T00:00:00Z", body=MARKET
    )
    return {
        "run": run,
        "firms": firms,
        "officer": world.member("credit_officer", bank),
        "park": world.member("park", park),
        "analyst": world.member("analyst"),
        "supervisor": world.member("supervisor"),
        "operator": world.member("operator", world.org("platform")),
    }


PRODUCT = {"provider_zh": "甲行", "provider_en": "Bank A", "rate_pa": 0.05, "price_ratio": 0.0}
SIZE = {"lent_cny": 9e6, "capacity_cny": 1e7}
MARKET = {
    "summary": {
        "firms_n": 12,
        "matched_n": 11,
        "total_cny": 1e6,
        "gap_share": 0.0,
        "allowed_n": 12,
    },
    "products": [
        PRODUCT | SIZE | {"product_id": "a", "zh": "甲贷", "en": "Loan A", "firms_n": 8},
        PRODUCT | SIZE | {"product_id": "b", "zh": "乙贷", "en": "Loan B", "firms_n": 3},
    ],
}


def test_the_book_adds_up_the_firms_that_agreed(scene, world):
    page = text_of(world.client(scene["officer"]).get("/book"))
    assert (
        "2 家企业已向本机构授权，在外债务合计 400.00万元，其中不良占 10.0%；最大一户占 75.0%"
        in page
    )
    # (3/4)^2 + (1/4)^2 by hand.
    assert "0.6250" in page
    assert scene["firms"]["foreign"][-3:] not in page
    assert "5,000.00万" not in page


def test_a_revoked_consent_leaves_the_book_at_once(world):
    run = world.run(DAY)
    bank, firm = world.org(), None
    firm = world.firm(run)
    consent = world.consent(firm, bank)
    client = world.client(world.member("branch_head", bank))
    assert "1 家企业" in text_of(client.get(f"/book?as_of={DAY}"))
    world.revoke(consent)
    assert "尚无企业向本机构授权" in text_of(client.get(f"/book?as_of={DAY}"))
    run.delete(using="owner")


def test_reading_the_largest_leaves_a_trace(scene, world):
    readings = world.models.Reading.objects.using("owner")
    before = readings.filter(route="book", firm_id=scene["firms"]["TF1"]).count()
    world.client(scene["officer"]).get("/book")
    assert readings.filter(route="book", firm_id=scene["firms"]["TF1"]).count() == before + 1
    assert not readings.filter(firm_id=scene["firms"]["foreign"]).exists()


def test_a_park_sees_needs_and_says_what_its_line_is_not(scene, world):
    page = text_of(world.client(scene["park"]).get("/park"))
    assert "2 家入园企业已授权：2 家的资金需求可由方案或自有资金满足" in page
    assert "200.00万" in page  # the sum of limits: (3m + 1m) / 2
    assert "额度合计不是园区授信" in page
    assert "名称foreign" not in page


def test_an_analyst_sees_the_market_without_firms_and_without_few(scene, world):
    page = text_of(world.client(scene["analyst"]).get("/market"))
    assert "选甲而非乙" not in page
    # Three firms are few, and eight would tell them: eleven got something.
    assert page.count("少于5家") == 2
    assert "选甲而非乙" in text_of(world.client(scene["officer"]).get("/market"))


def test_books_of_a_pool_are_its_own_and_the_watchers(scene, world):
    body = {
        "accounts_fen": [{"kind": "available", "party": "city", "fen": 12_345_600}],
        "entries_n": 2, "head_hash": "ab" * 32, "faults_n": 0, "claims": {"paid": 1},
        "caps": [], "limits": {"pool": 1_000_000}, "scheme": "v1",
        "proved_at": "2026-11-28T00:00:00+00:00",
    }  # fmt: skip
    world.models.Study.objects.using("owner").create(
        kind="pool", subject="p1", as_of=DAY, made_at="2026-11-28T00:00:00Z", body=body,
        org=scene["operator"].org,
    )  # fmt: skip
    for who, status in (("operator", 200), ("supervisor", 200), ("officer", 404), ("analyst", 404)):
        answer = world.client(scene[who]).get("/pools/p1")
        assert answer.status_code == status, who
    page = text_of(world.client(scene["operator"]).get("/pools"))
    assert "可用余额 12.35万元" in page
    assert "没有您可查看的资金池账簿" in text_of(world.client(scene["analyst"]).get("/pools"))


def test_a_policy_without_counts_shows_its_clauses(scene, world):
    client = world.client(scene["analyst"])
    page = text_of(client.get("/policies/cn.tech_sme"))
    assert "国科发政〔2017〕115号" in page
    assert "职工总数" in page
    assert client.get("/policies/cn.nothing").status_code == 404


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("officer", "/book"),
        ("park", "/park"),
        ("operator", "/pools"),
        ("analyst", "/market"),
        ("analyst", "/models"),
    ],
)
def test_english_pages_hold_no_chinese(scene, world, who, address):
    client = world.client(scene[who])
    client.post("/language", {"language": "en"})
    page = text_of(client.get(address))
    # Names of firms are as they are registered.
    assert not CHINESE.findall(re.sub(r"测试\S*公司|名称\w+", "", page))


def test_loans_are_counted_by_year_and_default():
    from techflow_service.platform.studies.loans import count_loans

    loans = pl.DataFrame(
        {
            "firm_id": ["f", "f", "f", "f"],
            "currency": ["CNY", "CNY", "CNY", "USD"],
            "drawn_on": [date(2025, 1, 1), date(2025, 6, 1), date(2027, 1, 1), date(2025, 1, 1)],
            "defaulted_on": [date(2026, 1, 1), None, None, None],
            "overdue_days": [0, 91, 0, 0],
            "outstanding_lcy": [10.0, 5.0, 7.0, 1.0],
        },
        schema_overrides={"defaulted_on": pl.Date},
    )
    found = count_loans(loans, date(2026, 6, 30)).to_dicts()
    assert found == [
        {
            "firm_id": "f", "year": 2025, "loans_n": 2, "defaulted_n": 1,
            "outstanding_cny": 15.0, "bad_cny": 15.0,
        }
    ]  # fmt: skip
