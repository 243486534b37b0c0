"""Lending by functions, pages and raw SQL: nothing skips, nobody is alone, once is once."""

import itertools
import json
import re
import threading
import uuid
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from techflow.credit.lending_checks import OFFER_DAYS
from techflow.credit.lending_moves import MOVES, ROLES, STATES
from techflow_service.ledger import Books, Request, verify

HASH = "ab" * 32
LINE = (
    *("apply", "qualify", "assess", "propose", "approve", "accept", "lend", "file", "default"),
    *("prepare_claim", "claim"),
)
WAYS = {MOVES[name].target: LINE[: n + 1] for n, name in enumerate(LINE)}
WAYS |= {
    "asked": ("apply", "ask"),
    "overridden": ("apply", "qualify", "assess", "override"),
    "endorsed": (*LINE[:4], "endorse"),
    "refused": ("apply", "turn_down"),
    "withdrawn": ("apply", "withdraw"),
    "declined": (*LINE[:5], "decline"),
    "lapsed": (*LINE[:5], "lapse"),
    "settled": (*LINE[:7], "settle"),
}
MILLION = 1_000_000
JUDGED = {"limit_cny": 4e6, "rate_pa": 0.045, "pd": 0.01, "grade": "TF3", "verdict": "graded"}
"""What the run of the scene says of its firm."""
OFFER = {"amount_cny": 4 * MILLION, "rate_pa": 0.05, "term_months": 12}


class Scene:
    """A bank with an officer and three heads, another bank, a firm and another firm."""

    def __init__(self, world):
        self.world, self.models = world, world.models
        self.bank, self.other = world.org(), world.org()
        run = world.run()
        run.record = {"content": {"products/working_capital": "cd" * 32}}
        run.save(using="owner")
        self.run, self.firm_id = run, world.firm(run, parts=())
        rows = self.models.Standing.objects.using("owner").filter(run=run, firm_id=self.firm_id)
        rows.update(limit_lcy=4e6, currency="CNY", rate_pa=0.045)
        self.models.Sheet.objects.using("owner").create(
            run=run, firm_id=self.firm_id, part="grade", body={"assessment": [{"card_hash": HASH}]}
        )
        world.consent(self.firm_id, self.bank)
        home = world.org("firm", self.firm_id)
        self.firm = world.member("firm", home)
        self.officer = world.member("credit_officer", self.bank)
        self.head, self.high = (
            world.member("branch_head", self.bank, authority_cny=n * MILLION) for n in (5, 50)
        )
        self.low = world.member("branch_head", self.bank, authority_cny=MILLION)
        self.strangers = [
            world.member("credit_officer", self.other),
            world.member("branch_head", self.other, authority_cny=50 * MILLION),
            world.member("firm", world.org("firm", world.firm(run, parts=()))),
        ]

    def maker(self, name):
        seats = {"override": self.high, "endorse": self.low}
        by_role = {"firm": self.firm, "credit_officer": self.officer, "branch_head": self.head}
        return seats.get(name) or by_role[MOVES[name].role]

    def said(self, name):
        terms = {"override": {"limit_cny": 5 * MILLION, "rate_pa": 0.04}, "propose": OFFER}
        terms |= {"file": {"pool_id": f"pool-{self.bank.pk}"}, "receive": {"amount_fen": 100}}
        papers = dict.fromkeys(MOVES[name].evidence, HASH)
        return {"reason": "reason in writing", "terms": terms.get(name, {}), "evidence": papers}

    def apply(self, token=None, **fields):
        from techflow_service.platform import lending
        from techflow_service.platform.context import speaking_as

        said = {"org_id": self.bank.pk, "amount_cny": 5 * MILLION, "term_months": 12}
        with speaking_as(self.firm):
            return lending.apply(
                self.firm, **said | {"purpose": "设备"} | fields, token=token or uuid.uuid4().hex
            )

    def move(self, application, name, member=None, token=None, **fields):
        from techflow_service.platform import lending
        from techflow_service.platform.context import speaking_as

        member = member or self.maker(name)
        token = token or uuid.uuid4().hex
        with speaking_as(member):
            return lending.move(
                member, application.pk, name, token=token, **self.said(name) | fields
            )

    def at(self, state):
        """An application brought there move by move; time is made to pass as the owner."""
        application = self.apply()
        for name in WAYS[state][1:]:
            if name == "lapse":
                self.age(application, OFFER_DAYS + 1)
            if name in ("default", "settle"):
                self.age(application, 200 if name == "default" else 0)
                self.settle_up(application, name)
            self.move(application, name)
        return application

    def age(self, application, days):
        steps = self.models.LoanStep.objects.using("owner").filter(application=application)
        for step in steps:
            step.at -= timedelta(days)
            step.save(using="owner")
        for loan in self.models.Loan.objects.using("owner").filter(application=application):
            loan.start_on -= timedelta(days)
            loan.save(using="owner")

    def settle_up(self, application, name):
        from techflow_service.platform.lending_watch import arrears_on

        if name == "settle":
            loan = self.models.Loan.objects.using("owner").get(application=application)
            owed = arrears_on(loan, loan.start_on).owed_fen
            self.move(application, "receive", terms={"amount_fen": owed})

    def steps(self, application):
        rows = self.models.LoanStep.objects.using("owner").filter(application=application)
        return list(rows.order_by("n"))

    def state(self, application):
        return self.steps(application)[-1].target


@pytest.fixture(scope="module")
def scene(world):
    return Scene(world)


def refused(call, *args, **fields):
    from techflow_service.platform.refusing import Refused

    with pytest.raises(Refused) as caught:
        call(*args, **fields)
    return caught.value.codes


@pytest.fixture(scope="module")
def by_state(scene):
    return {state: scene.at(state) for state in STATES}


def test_the_database_holds_the_table_of_the_library(web_url):
    with psycopg.connect(web_url) as connection:
        rows = connection.execute("SELECT * FROM loan_ways()").fetchall()
    assert sorted(rows) == sorted(
        (one.name, one.role, source, one.target or source, one.reason, one.authority,
         list(one.apart_from))
        for one in MOVES.values()
        for source in one.sources or ("",)
    )  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_every_move_of_every_role_by_raw_sql_keeps_to_the_table(scene, by_state, web_url, state):
    """A step that the table does not allow is refused by the database itself."""
    application = by_state[state]
    n = len(scene.steps(application)) + 1
    seats = {"firm": scene.firm, "credit_officer": scene.officer, "branch_head": scene.high}
    made = {(one.move, one.person_id) for one in scene.steps(application)}
    with psycopg.connect(web_url) as connection:
        for name, role in itertools.product(MOVES, ROLES):
            move, member = MOVES[name], seats[role]
            lawful = state in move.sources and role == move.role
            lawful &= not {(past, member.person_id) for past in move.apart_from} & made
            # Here money is owed on every loan, and none but those called so is 90 days late.
            lawful &= name not in ("settle", "default", "cure")
            try:
                with connection.transaction(force_rollback=True):
                    speak(connection, member)
                    insert(connection, scene, application, n=n, move=name, source=state,
                           target=move.target or state, member=member)  # fmt: skip
                got = True
            except psycopg.errors.CheckViolation:
                got = False
            assert got == lawful, (name, role)


def speak(connection, member):
    words = {"person": member.person_id, "org": member.org_id, "role": member.role}
    words["firm"] = member.org.firm_id if member.role == "firm" else ""
    for name, value in words.items():
        connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])


def insert(connection, scene, application, *, member, **fields):
    row = {
        "application_id": application.pk, "firm_id": scene.firm_id, "org_id": scene.bank.pk,
        "role": member.role, "person_id": member.person_id, "membership_id": member.pk,
        "authority_cny": member.authority_cny, "token": uuid.uuid4().hex, "reason": "why so",
        "terms": "{}", "evidence": "{}", "card_hash": "", "rule_version": "",
    }  # fmt: skip
    if fields.get("move") == "assess":
        row |= {"run_id": scene.run.pk, "terms": json.dumps(JUDGED)}
    if fields.get("move") in ("lend", "receive", "settle", "cure", "default", "prepare_claim"):
        row["terms"] = json.dumps(facts_of(scene, application, fields["move"]))
    row |= fields
    names = ", ".join(row)
    places = ", ".join(["%s"] * len(row))
    connection.execute(
        f"INSERT INTO platform_loanstep ({names}) VALUES ({places})", list(row.values())
    )


def facts_of(scene, application, name):
    """Figures of a step as the library works them out today; one fen for a repayment."""
    from django.utils import timezone

    from techflow_service.platform.lending_watch import arrears_on, classed

    today = timezone.localdate()
    loan = scene.models.Loan.objects.using("owner").filter(application=application).first()
    if name == "lend" or not loan:
        return {"start_on": today.isoformat()}
    if name == "receive":
        return {"paid_on": today.isoformat(), "amount_fen": 1}
    late = arrears_on(loan, today)
    facts = {key: getattr(late, key) for key in ("owed_fen", "overdue_fen", "days_overdue")}
    told = {"class_at_least_n": classed([loan], today)[0]["class_at_least_n"]}
    return facts | (told if name == "default" else {})


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"n": 9}, psycopg.errors.CheckViolation),
        ({"n": 1}, psycopg.errors.CheckViolation),
        ({"firm_id": "another"}, psycopg.errors.CheckViolation),
        ({"reason": " "}, psycopg.errors.CheckViolation),
        ({"authority_cny": 10**12}, psycopg.errors.CheckViolation),
        ({"person_id": 10**6}, psycopg.errors.Error),
        ({"org_id": 10**6}, psycopg.errors.Error),
        ({"role": "branch_head"}, psycopg.errors.Error),
    ],
)
def test_a_forged_step_is_refused_by_the_database(scene, by_state, web_url, fields, error):
    base = {"n": 2, "move": "turn_down", "source": "applied", "target": "refused"}
    with psycopg.connect(web_url) as connection, pytest.raises(error):
        speak(connection, scene.officer)
        insert(connection, scene, by_state["applied"], member=scene.officer, **base | fields)


@pytest.mark.parametrize(
    ("field", "forged"),
    [("limit_cny", 4e7), ("rate_pa", 0.01), ("pd", None), ("grade", "TF1"), ("verdict", "expert")],
)
def test_a_forged_assessment_is_refused_by_the_database(scene, by_state, web_url, field, forged):
    application = by_state["qualified"]
    base = {"n": 3, "move": "assess", "source": "qualified", "target": "assessed"}
    with psycopg.connect(web_url) as connection:
        speak(connection, scene.officer)
        with connection.transaction(force_rollback=True):
            insert(connection, scene, application, member=scene.officer, **base)
        for fields in ({"terms": json.dumps(JUDGED | {field: forged})}, {"run_id": None}):
            told = base | fields
            with (
                pytest.raises(psycopg.errors.CheckViolation, match="newest on record"),
                connection.transaction(force_rollback=True),
            ):
                insert(connection, scene, application, member=scene.officer, **told)


LOAN = {
    "amount_fen": 400 * MILLION, "rate_pa": "0.050000", "term_months": 12,
    "pd_at_origination": 0.01,
}  # fmt: skip
REPAID = {"amount_fen": 100}


@pytest.mark.parametrize(
    ("table", "true", "forged"),
    [
        ("loan", LOAN, {}),
        *(("loan", LOAN, {field: one}) for field, one in (
            ("amount_fen", 1), ("rate_pa", "0.01"), ("term_months", 1), ("start_on", "2020-01-01"),
            ("pd_at_origination", 0.5), ("pd_at_origination", None),
        )),
        ("loanrepayment", REPAID, {}),
        ("loanrepayment", REPAID, {"amount_fen": 99}),
        ("loanrepayment", REPAID, {"paid_on": "2020-01-01"}),
    ],
)  # fmt: skip
def test_rows_that_follow_from_steps_repeat_their_figures(
    scene, web_url, owner_url, table, true, forged
):
    """The row that the program wrote is taken out by the owner, and written again by raw SQL."""
    application = scene.at("lent")
    if table == "loanrepayment":
        scene.move(application, "receive")
    step = scene.steps(application)[-1]
    loan_id = scene.models.Loan.objects.using("owner").get(application=application).pk
    whose = {"step_id": step.pk, "firm_id": scene.firm_id, "org_id": scene.bank.pk}
    more = {"application_id": application.pk, "start_on": step.terms.get("start_on")}
    if table == "loanrepayment":
        more = {"loan_id": loan_id, "paid_on": step.terms["paid_on"]}
    row = whose | more | true | forged
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"DELETE FROM platform_{table} WHERE step_id = %s", [step.pk])
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    write = f"INSERT INTO platform_{table} ({names}) VALUES ({places})"
    with psycopg.connect(web_url) as connection:
        speak(connection, scene.officer)
        if forged:
            with pytest.raises(psycopg.errors.CheckViolation, match="is what"):
                connection.execute(write, list(row.values()))
        else:
            connection.execute(write, list(row.values()))


def test_authority_is_held_by_the_database_too(scene, by_state, web_url):
    n = len(scene.steps(by_state["proposed"])) + 1
    base = {"n": n, "move": "approve", "source": "proposed", "target": "offered"}
    with (
        psycopg.connect(web_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="authority"),
    ):
        speak(connection, scene.low)
        insert(connection, scene, by_state["proposed"], member=scene.low, **base)


def test_history_is_neither_changed_nor_dropped_nor_followed_by_rows_of_nothing(scene, web_url):
    denied = psycopg.errors.InsufficientPrivilege
    tables = ("application", "step", "", "repayment", "posting")
    for table, verb in itertools.product(tables, ("UPDATE {} SET firm_id = ''", "DELETE FROM {}")):
        with psycopg.connect(web_url) as connection, pytest.raises(denied):
            connection.execute(verb.format(f"platform_loan{table}"))
    application = scene.apply()
    step = scene.steps(application)[0]
    with (
        psycopg.connect(web_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="must follow"),
    ):
        speak(connection, scene.officer)
        connection.execute(
            "INSERT INTO platform_loan (application_id, step_id, firm_id, org_id, amount_fen, "
            "rate_pa, start_on, term_months) VALUES (%s, %s, %s, %s, 1, '0.01', now(), 1)",
            [application.pk, step.pk, scene.firm_id, scene.bank.pk],
        )


def test_every_state_is_reached_and_every_step_says_what_it_rested_on(scene, by_state):
    for state, application in by_state.items():
        steps = scene.steps(application)
        assert steps[-1].target == state
        for step in steps:
            if step.role != "firm":
                assert step.run_id == scene.run.pk
                assert step.rule_version == f"products/working_capital@{'cd' * 8}"
            if step.move in ("propose", "approve", "override"):
                assert step.card_hash == HASH


@pytest.mark.parametrize("state", STATES)
def test_every_move_of_every_role_by_function_keeps_to_the_table(scene, by_state, state):
    before = len(scene.steps(by_state[state]))
    for member, (name, move) in itertools.product(
        (scene.firm, scene.officer, scene.high), MOVES.items()
    ):
        if state not in move.sources:
            assert refused(scene.move, by_state[state], name, member) == ["state"]
        elif member.role != move.role:
            assert refused(scene.move, by_state[state], name, member) == ["role"]
    assert len(scene.steps(by_state[state])) == before


@pytest.mark.parametrize("state", ["applied", "proposed", "accepted"])
def test_no_step_is_skipped_by_post(scene, by_state, state):
    before = len(scene.steps(by_state[state]))
    clients = {one.role: scene.world.client(one) for one in (scene.firm, scene.officer, scene.high)}
    for name, move in MOVES.items():
        if state not in move.sources:
            address = f"/lending/{by_state[state].pk}/{name}"
            sent = {"token": uuid.uuid4().hex, "reason": "reason in writing"}
            answer = clients[move.role].post(address, sent)
            assert answer.status_code == (404 if name == "apply" else 409), name
    assert len(scene.steps(by_state[state])) == before


def test_others_learn_nothing_of_an_application(scene, by_state):
    for member in scene.strangers:
        client = scene.world.client(member)
        for state, application in by_state.items():
            assert client.get(f"/lending/{application.pk}").status_code == 404
            name = next((one for one in MOVES if state in MOVES[one].sources), "qualify")
            answer = client.post(f"/lending/{application.pk}/{name}", {"token": uuid.uuid4().hex})
            assert answer.status_code == 404
        assert scene.firm_id not in client.get("/lending").content.decode()


@pytest.mark.parametrize("role", ["operator", "analyst", "administrator", "guarantor"])
def test_other_roles_have_no_door(scene, by_state, role):
    client = scene.world.client(scene.world.member(role))
    for address in ("/lending", f"/lending/{by_state['applied'].pk}", "/lending/watch"):
        assert client.get(address).status_code == 403


def at_once(*calls):
    """Run at the same time on connections of their own; results or exceptions."""
    from django.db import connections

    results, gate = [None] * len(calls), threading.Barrier(len(calls))

    def run(place, call):
        gate.wait()
        try:
            results[place] = call()
        except Exception as error:  # the test looks at it
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_approvers_at_once_approve_once(scene):
    from techflow_service.platform.refusing import Refused

    for _ in range(5):
        application = scene.at("proposed")
        found = at_once(
            lambda one=application: scene.move(one, "approve", scene.head),
            lambda one=application: scene.move(one, "approve", scene.high),
        )
        lost = [one for one in found if isinstance(one, Refused)]
        assert [one.codes for one in lost] in ([["moved"]], [["state"]])
        assert [one.move for one in scene.steps(application)].count("approve") == 1


def test_the_same_form_sent_five_times_at_once_is_one_move(scene):
    token = uuid.uuid4().hex
    found = at_once(*[lambda: scene.apply(token=token)] * 5)
    assert len({one.pk for one in found}) == 1
    application = scene.at("filed")
    token = uuid.uuid4().hex
    found = at_once(*[lambda: scene.move(application, "receive", token=token)] * 5)
    assert len({one.pk for one in found}) == 1
    assert scene.models.LoanRepayment.objects.using("owner").filter(
        loan__application=application
    ).count() == 1  # fmt: skip


def test_one_person_with_two_hats_is_one_pair_of_eyes(scene):
    person = scene.officer.person
    hat = scene.models.Membership.objects.using("owner").create(
        person=person, org=scene.bank, role="branch_head", authority_cny=50 * MILLION
    )
    application = scene.at("proposed")
    assert refused(scene.move, application, "approve", hat) == ["same_person"]
    hat.ended_at = datetime.now(UTC)
    hat.save(using="owner")


def test_a_token_is_of_one_person_and_one_move(scene):
    application, token = scene.apply(), uuid.uuid4().hex
    step = scene.move(application, "qualify", token=token)
    assert scene.move(application, "qualify", token=token).pk == step.pk
    assert refused(scene.move, application, "assess", token=token) == ["token"]
    assert refused(scene.move, scene.apply(), "qualify", token=token) == ["token"]
    assert refused(scene.move, application, "assess", token="short") == ["token"]


@pytest.mark.parametrize(
    ("state", "name", "fields", "codes"),
    [
        ("assessed", "propose", {"terms": OFFER | {"amount_cny": 4_000_001}}, ["above_limit"]),
        ("assessed", "propose", {"terms": OFFER | {"rate_pa": 0.0449}}, ["below_rate"]),
        ("assessed", "propose", {"terms": OFFER | {"amount_cny": 1.5}}, ["terms"]),
        ("assessed", "propose", {"terms": OFFER | {"rate_pa": "0.05"}}, ["terms"]),
        ("assessed", "propose", {"terms": OFFER | {"rate_pa": 0.05000001}}, ["terms"]),
        ("lent", "file", {"terms": {}}, ["pool"]),
        ("lent", "file", {"evidence": {}}, ["evidence"]),
        ("accepted", "lend", {"terms": {"start_on": "2020-01-01"}}, ["date"]),
        ("accepted", "lend", {"terms": {"start_on": "never"}}, ["date"]),
        ("filed", "receive", {"terms": {"amount_fen": 10**12}}, ["overpaid"]),
        ("filed", "receive", {"terms": {"amount_fen": -5}}, ["terms"]),
        ("filed", "default", {"terms": {"class_at_least_n": 5}}, ["performing"]),
        ("filed", "settle", {"terms": {"owed_fen": 0}}, ["owed"]),
        ("non_performing", "cure", {"terms": {"overdue_fen": 0}}, ["overdue"]),
    ],
)  # fmt: skip
def test_what_a_caller_says_does_not_stand_for_facts(scene, by_state, state, name, fields, codes):
    assert refused(scene.move, by_state[state], name, **fields) == codes


def test_without_consent_no_assessment_is_taken(scene, world):
    bank = world.org()
    officer = world.member("credit_officer", bank)
    application = scene.apply(org_id=bank.pk)
    scene.move(application, "qualify", officer)
    assert refused(scene.move, application, "assess", officer) == ["no_consent"]


def test_to_qualify_takes_what_the_firm_lets_be_seen(scene, world):
    bank = world.org()
    officer = world.member("credit_officer", bank)
    told = scene.move(scene.apply(org_id=bank.pk), "qualify", officer)
    assert told.terms == {"qualified": None}
    world.consent(scene.firm_id, bank, parts=("qualification",))
    policies = [{"policy_id": one, "zh": f"{one}甲", "en": one} for one in ("cn.a", "cn.b")]
    run = scene.run
    run.record |= {"qualifications": {"policies": policies}}
    run.save(using="owner")
    rows = [{"policy_id": "cn.a", "answer": "unknown"}, {"policy_id": "cn.b", "answer": "yes"}]
    world.models.Sheet.objects.using("owner").create(
        run=run, firm_id=scene.firm_id, part="qualification", body={"qualification": rows}
    )
    application = scene.apply(org_id=bank.pk)
    assert scene.move(application, "qualify", officer).terms == {"qualified": policies[1:]}
    page = world.client(officer).get(f"/lending/{application.pk}").content.decode()
    assert "cn.b甲" in page


def test_an_application_goes_to_a_bank_and_comes_from_a_firm(scene):
    assert refused(scene.apply, org_id=scene.firm.org_id) == ["bank"]
    assert refused(scene.apply, amount_cny=0.5) == ["terms"]
    assert refused(scene.apply, purpose=" ") == ["purpose"]
    client = scene.world.client(scene.officer)
    assert client.get("/lending/apply").status_code == 403


def test_taking_the_assessment_leaves_a_trace_for_the_firm(scene):
    scene.at("assessed")
    readings = scene.models.Reading.objects.using("owner")
    assert readings.filter(firm_id=scene.firm_id, route="lending_move", parts=["grade"]).exists()


def test_the_firm_sees_the_offer_and_the_reasons_but_not_what_is_the_banks_own(scene):
    client = scene.world.client(scene.firm)
    application = scene.at("proposed")
    page = client.get(f"/lending/{application.pk}").content.decode()
    assert "5.00%" not in page
    assert str(scene.officer.person) not in page
    scene.move(application, "approve")
    assert "5.00%" in client.get(f"/lending/{application.pk}").content.decode()
    application = scene.apply()
    scene.move(application, "turn_down", reason="经营时间不足两年")
    assert "经营时间不足两年" in client.get(f"/lending/{application.pk}").content.decode()


def test_by_the_pages_from_application_to_a_loan_in_a_pool(scene):
    from django.core.files.uploadedfile import SimpleUploadedFile

    firm, officer, head = map(scene.world.client, (scene.firm, scene.officer, scene.head))
    said = {"org": scene.bank.pk, "amount_cny": "3,000,000", "term_months": "6", "purpose": "周转"}
    form = firm.get("/lending/apply").content.decode()
    assert "给出额度 400.00万元" in form  # `JUDGED`: 4e6 yuan
    token = re.search(r'name="token" value="(\w+)"', form)[1]
    places = {firm.post("/lending/apply", said | {"token": token})["Location"] for _ in range(2)}
    assert len(places) == 1
    place = places.pop()

    def post(client, name, **fields):
        page = client.get(place).content.decode()
        form = re.search(rf'action="{place}/{name}".*?name="token" value="([\w-]+)"', page, re.S)
        answer = client.post(f"{place}/{name}", fields | {"token": form[1]})
        assert (answer.status_code, answer["Location"]) == (302, place)

    post(officer, "ask", reason="请补充近一年流水")
    assert "请补充近一年流水" in firm.get(place).content.decode()
    post(firm, "supply", reason="已补充")
    post(officer, "qualify")
    post(officer, "assess")
    post(officer, "propose", amount_cny="3000000", rate_pa="4.6", term_months="6")
    post(head, "approve")
    post(firm, "accept")
    post(officer, "lend")
    papers = {kind: SimpleUploadedFile(kind, b"paper") for kind in MOVES["file"].evidence}
    post(officer, "file", pool_id="sample-pool", **papers)
    post(officer, "receive", amount_fen="1234.56")
    page = officer.get(place).content.decode()
    assert "1,234.56" in page
    loan = scene.models.Loan.objects.using("owner").get(application_id=int(place.split("/")[-1]))
    assert (loan.amount_fen, loan.rate_pa) == (300_000_000, "0.046000")
    # 3,000,000 at 4.6 % on 360 from day to day, worked out by hand; then the principal.
    days = (scene_end(loan) - loan.start_on).days
    from techflow_service.platform.lending_watch import arrears_on

    total = arrears_on(loan, loan.start_on).owed_fen + 123_456
    assert total == 300_000_000 + round(300_000_000 * 0.046 * days / 360)


def scene_end(loan):
    from techflow.pool.dues import months_after

    return months_after(loan.start_on, loan.term_months)


@pytest.mark.parametrize(("language", "maker"), [("zh", "apply"), ("en", "approve")])
def test_pages_of_every_state_open_and_the_watch_names_the_late(scene, by_state, language, maker):
    client = scene.world.client(scene.maker(maker))
    client.post("/language", {"language": language})
    for application in by_state.values():
        assert client.get(f"/lending/{application.pk}").status_code == 200
    client = scene.world.client(scene.officer)
    client.post("/language", {"language": language})
    words = re.sub(r"<[^>]+>", " ", client.get("/lending/watch").content.decode())
    assert {"zh": "至少次级", "en": "at least substandard"}[language] in words


def test_the_books_are_told_once_in_order_and_hold(scene, owner_url, request):
    from techflow_service.platform.lending_books import post_to_books

    application = scene.at("claimed")
    at, pool = datetime.now(UTC), f"pool-{scene.bank.pk}"
    books = Books.open(owner_url, tenant="main")
    request.addfinalizer(books.close)
    first = scene.steps(application)[0]
    day = first.at.date()
    opened = {"caps": {}, "notice_days": 0}
    base = {"pool_id": pool, "evidence_hash": HASH, "rule_version": "v1", "on": day}
    books.post(Request("open", route="open", actor="admin", detail=opened, **base), at)
    told = post_to_books(owner_url, at)
    assert told["refused_n"] >= 1  # filed, but the administrator has not yet admitted it
    for posting in scene.models.LoanPosting.objects.using("owner").filter(entry_n=None):
        if posting.request["pool_id"] == pool and posting.step.move == "default":
            admit = Request(
                f"admit-{posting.request['claim_id']}", route="move", actor="admin",
                claim_id=posting.request["claim_id"], state="admitted", role="administrator",
                evidence={"eligibility_check": HASH},
                **base | {"on": date.fromisoformat(posting.request["on"])},
            )  # fmt: skip
            books.post(admit, at)
    post_to_books(owner_url, at)
    rows = scene.models.LoanPosting.objects.using("owner").filter(step__application=application)
    entries = [one.entry_n for one in rows.order_by("pk")]
    assert len(entries) == 3
    assert None not in entries
    assert entries == sorted(entries)
    assert post_to_books(owner_url, at)["posted_n"] == 0
    proofs = verify(books.connection, tenant="main")
    assert [one.faults for one in proofs] == [[]] * len(proofs)
    shows_what_moved(scene, pool, len(proofs), owner_url)
    page = scene.world.client(scene.officer).get(f"/lending/{application.pk}").content.decode()
    assert json.dumps(entries[-1]) in page


def shows_what_moved(scene, pool, pools_n, owner_url):
    """The page of a pool has what a proof found; a proof is made of what moved, or of all."""
    from techflow_service.platform.studies.pools import study_pools

    day = date(2026, 11, 28)
    scene.world.org("platform")
    assert study_pools(owner_url, day) >= 1
    assert study_pools(owner_url, day) == 0
    assert study_pools(owner_url, day, every=True) == pools_n
    watcher = scene.world.client(scene.world.member("supervisor"))
    assert "已申请补偿" in watcher.get(f"/pools/{pool}").content.decode()


@pytest.mark.parametrize("seat", ["officer", "head", "firm"])
def test_the_first_page_counts_the_loans_whose_next_step_is_the_member_s(scene, by_state, seat):
    from techflow.credit.lending_moves import moves_from
    from techflow_service.platform.needs import WAITING
    from techflow_service.platform.roles import Role

    member = getattr(scene, seat)
    last = {}
    for step in scene.models.LoanStep.objects.using("owner").order_by("n"):
        last[step.application_id] = step.target
    mine = scene.models.LoanApplication.objects.using("owner").filter(org=scene.bank)
    waiting = [last[one.pk] for one in mine if last[one.pk] in WAITING[Role(member.role)]]
    assert waiting
    assert all(moves_from(state, member.role) for state in waiting)
    page = scene.world.client(member).get("/").content.decode()
    assert f"{len(waiting)} 笔贷款等待您的下一步" in page
