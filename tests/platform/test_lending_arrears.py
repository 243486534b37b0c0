"""Arrears, class, dates and rows of loans by raw SQL of the web role: each forgery is refused."""

import itertools
import json
import random
from datetime import date, timedelta

import psycopg
import pytest
from tests.platform.test_lending import Scene, facts_of, insert, speak

from techflow.credit.lending_moves import MOVES

DAYS = 40, 100, 200, 290, 400
"""Since the loan was lent, with nothing paid: late by 31 days less, but for a short month."""
WRITE = "INSERT INTO platform_loanposting (step_id, firm_id, org_id, request, entry_n, refused) "


WORKED_OUT = "SELECT *, class_at_least(days_overdue) FROM loan_arrears(%s, %s)"


@pytest.fixture(scope="module")
def scene(world):
    return Scene(world)


@pytest.fixture(scope="module")
def late(scene):
    """A loan filed 200 days ago, of which nothing came in."""
    application = scene.at("filed")
    scene.age(application, 200)
    return application


def step_by_sql(scene, web_url, application, name, terms, *, commit=False):
    """One step by raw SQL, undone unless it is to be kept."""
    past = scene.steps(application)
    source = past[-1].target
    row = {"n": len(past) + 1, "move": name, "source": source}
    with psycopg.connect(web_url) as connection:
        speak(connection, scene.maker(name))
        insert(connection, scene, application, member=scene.maker(name),
               target=MOVES[name].target or source, terms=json.dumps(terms), **row)  # fmt: skip
        if commit:
            connection.commit()
        connection.rollback()


def is_refused(*args, match="figures of", **kwargs):
    with pytest.raises(psycopg.errors.CheckViolation, match=match):
        step_by_sql(*args, **kwargs)


@pytest.mark.parametrize("seed", range(4))
def test_arrears_and_class_of_the_database_are_those_of_the_library(scene, owner_url, seed):
    """Months' ends, halves of a fen, payments early, late and to come."""
    from techflow_service.platform.lending_watch import arrears_on, classed

    draw, application = random.Random(seed), scene.at("lent")
    for _ in range(3):
        scene.move(application, "receive", terms={"amount_fen": 1})
    loan = scene.models.Loan.objects.using("owner").get(application=application)
    seen = set()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for _ in range(60):
            loan.start_on = date(2023, 1, 1) + timedelta(draw.randrange(800))
            loan.amount_fen, loan.term_months = draw.randrange(1, 10**12), draw.randrange(1, 61)
            loan.rate_pa = f"{draw.randrange(100, 360_000) / 1e6:.6f}"
            loan.save(using="owner")
            for paid in loan.repayments.using("owner"):
                paid.amount_fen = draw.choice([1, draw.randrange(1, loan.amount_fen // 2 + 2)])
                paid.paid_on = loan.start_on + timedelta(draw.randrange(900))
                paid.save(using="owner")
            on = loan.start_on + timedelta(draw.randrange(1_100))
            late = arrears_on(loan, on)
            told = classed([loan], on)[0]["class_at_least_n"]
            row = connection.execute(WORKED_OUT, [loan.pk, on]).fetchone()
            assert row == (late.owed_fen, late.overdue_fen, late.days_overdue, told)
            seen.add(told)
    assert seen >= {1, 5}


@pytest.mark.parametrize(
    ("days", "class_n"),
    [(0, 1), (1, 2), (89, 2), (90, 3), (91, 3), (270, 3), (271, 4), (360, 4), (361, 5)],
)
def test_class_follows_from_days_past_due(web_url, days, class_n):
    """Order [2023] No. 1: past due is 2, over 90 is 3, over 270 is 4, over 360 is 5; IFRS 9 B5.5.37
    presumes default, so impairment and 3, from the 90th day."""
    with psycopg.connect(web_url) as connection:
        assert connection.execute("SELECT class_at_least(%s)", [days]).fetchone() == (class_n,)


@pytest.mark.parametrize("days", DAYS)
def test_a_default_says_the_arrears_and_class_of_the_day(scene, web_url, days):
    application = scene.at("filed")
    scene.age(application, days)
    true = facts_of(scene, application, "default")
    if true["class_at_least_n"] < 3:
        is_refused(scene, web_url, application, "default", true)
        is_refused(scene, web_url, application, "default", true | {"class_at_least_n": 3})
        return
    step_by_sql(scene, web_url, application, "default", true)
    for key, change in itertools.product(true, (-1, 1)):
        is_refused(scene, web_url, application, "default", true | {key: true[key] + change})
    is_refused(scene, web_url, application, "default", true | {"days_overdue": None})
    is_refused(scene, web_url, application, "default", {"class_at_least_n": 3})
    is_refused(scene, web_url, application, "default", true | {"more": 1})


@pytest.mark.parametrize("name", ["settle", "cure", "prepare_claim"])
def test_nothing_is_settled_cured_or_claimed_on_other_arrears(scene, web_url, late, name):
    application = late if name == "settle" else scene.at("non_performing")
    true = facts_of(scene, application, name)
    assert true["overdue_fen"] > 0
    none = {"owed_fen": 0, "overdue_fen": 0, "days_overdue": 0}
    is_refused(scene, web_url, application, name, none)
    for key in none:
        is_refused(scene, web_url, application, name, true | {key: 0})
    if name == "prepare_claim":
        step_by_sql(scene, web_url, application, name, true)
        is_refused(scene, web_url, application, name, true | {"owed_fen": true["owed_fen"] * 2})
    else:
        is_refused(scene, web_url, application, name, true)


def test_what_is_paid_in_full_settles_and_what_is_paid_up_cures(scene, web_url):
    application = scene.at("filed")
    owed = facts_of(scene, application, "settle")["owed_fen"]
    scene.move(application, "receive", terms={"amount_fen": owed})
    step_by_sql(scene, web_url, application, "settle", facts_of(scene, application, "settle"))
    application = scene.at("non_performing")
    overdue = facts_of(scene, application, "cure")["overdue_fen"]
    scene.move(application, "receive", terms={"amount_fen": overdue})
    true = facts_of(scene, application, "cure")
    assert true["owed_fen"] > 0
    step_by_sql(scene, web_url, application, "cure", true)


def test_a_repayment_is_of_a_day_and_a_sum_that_can_be(scene, web_url, late):
    from django.utils import timezone

    owed = facts_of(scene, late, "prepare_claim")["owed_fen"]
    today = timezone.localdate()
    begun = scene.models.Loan.objects.using("owner").get(application=late).start_on
    for day, fen in ((today, 1), (today, owed), (begun, 1)):
        terms = {"paid_on": day.isoformat(), "amount_fen": fen}
        step_by_sql(scene, web_url, late, "receive", terms)
    day = timedelta(1)
    for paid_on, fen in (
        *((today, owed + 1), (today, 0), (today, -1), (today, None)),
        *((begun - day, 1), (today + day, 1)),
    ):
        is_refused(
            scene, web_url, late, "receive", {"paid_on": paid_on.isoformat(), "amount_fen": fen}
        )
    for terms in ({"amount_fen": 1}, {"paid_on": "today", "amount_fen": 1}, {}):
        is_refused(scene, web_url, late, "receive", terms)


def test_a_loan_begins_between_acceptance_and_today(scene, web_url):
    from django.utils import timezone

    application, today = scene.at("accepted"), timezone.localdate()
    scene.age(application, 10)
    for back in (0, 5, 10):
        begun = (today - timedelta(back)).isoformat()
        step_by_sql(scene, web_url, application, "lend", {"start_on": begun})
    for back in (-1, 11):
        begun = (today - timedelta(back)).isoformat()
        is_refused(scene, web_url, application, "lend", {"start_on": begun})
    is_refused(scene, web_url, application, "lend", {"start_on": None})


@pytest.mark.parametrize(
    ("state", "name"),
    [("accepted", "lend"), ("filed", "receive"), ("lent", "file"), ("late", "default")],
)
def test_a_step_without_its_row_is_refused_at_the_end(scene, web_url, late, state, name):
    """A repayment that is told and not kept would raise the arrears."""
    application = late if state == "late" else scene.at(state)
    facts = {"pool_id": "p"} if name == "file" else facts_of(scene, application, name)
    before = len(scene.steps(application))
    is_refused(scene, web_url, application, name, facts, match="its row", commit=True)
    assert len(scene.steps(application)) == before


@pytest.mark.parametrize("steps", [("file",), ("file", "default"), ("file", "default", "claim")])
def test_the_books_are_told_what_the_step_says(scene, web_url, owner_url, steps):
    """The row that the program wrote is taken out by the owner, and written again by raw SQL."""
    ends = {"file": "filed", "default": "non_performing", "claim": "claimed"}
    application = scene.at(ends[steps[-1]])
    step = scene.steps(application)[-1]
    true = scene.models.LoanPosting.objects.using("owner").get(step=step).request
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("DELETE FROM platform_loanposting WHERE step_id = %s", [step.pk])
    forged = [{key: "x" if isinstance(one, str) else {"x": "1"}} for key, one in true.items()]
    rows = [(true | one, None, "") for one in forged] + [(true, 1, ""), (true, None, "no")]
    for request, entry_n, refused in rows:
        with pytest.raises(psycopg.errors.CheckViolation, match="what the step says"):
            posting_by_sql(scene, web_url, step, request, entry_n, refused)
    posting_by_sql(scene, web_url, step, true, None, "")


def posting_by_sql(scene, web_url, step, request, entry_n, refused):
    member = scene.high if step.role == "branch_head" else scene.officer
    row = [step.pk, scene.firm_id, scene.bank.pk, json.dumps(request), entry_n, refused]
    with psycopg.connect(web_url) as connection:
        speak(connection, member)
        connection.execute(f"{WRITE} VALUES (%s, %s, %s, %s, %s, %s)", row)


def test_no_table_of_their_own_stands_before_those_that_rules_read(web_url):
    """A temporary table is found before the true one: who could make it could forge any rule."""
    with (
        psycopg.connect(web_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TEMP TABLE platform_loan (id bigint)")
