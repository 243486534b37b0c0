"""Consent through the pages: what a firm grants is what others read, and nothing else."""

import random
import re
import threading
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

import psycopg
import pytest

PARTS = ("identity", "grade", "technology", "cash")
LINK = re.compile(r'href="/firms/([^"?]+)["?]')
TODAY = datetime.now(UTC).date()
END = TODAY + timedelta(days=200)
LONG = END.isoformat()


@pytest.fixture(scope="module")
def seats(world):
    """Makes members without the slow hash of a password."""

    def seat(role, org):
        person = world.models.Person.objects.using("owner").create(username=f"{role}{org.pk}")
        return world.models.Membership.objects.using("owner").create(
            person=person, org=org, role=role
        )

    return seat


@pytest.fixture(scope="module")
def text(world):
    made, _ = world.models.ConsentText.objects.using("owner").get_or_create(
        version="test",
        defaults={"since_on": TODAY, "text_zh": "同意", "text_en": "Agreed"},
    )
    return made


@pytest.fixture
def pair(world, seats, text):
    """A firm and a bank, each with a client."""
    firm_id = world.firm(world.run(), PARTS)
    firm = seats("firm", world.org("firm", firm_id))
    bank = seats("credit_officer", world.org())
    return firm_id, world.client(firm), bank, world.client(bank)


def granted(text, member, parts=("identity", "grade"), purpose="credit", until=LONG):
    return {
        "whom": f"{member.org_id}:{purpose}",
        "parts": list(parts),
        "until_on": until,
        "text": text.version,
    }


def person_of(client):
    return int(client.session["_auth_user_id"])


def consents(world, **wanted):
    return world.models.Consent.objects.using("owner").filter(**wanted)


def test_a_grant_keeps_the_text_and_ends_with_its_day(world, pair, text):
    firm_id, firm, bank, reader = pair
    assert reader.get(f"/firms/{firm_id}").status_code == 404
    assert firm.post("/consents/grant", granted(text, bank)).status_code == 302
    kept = consents(world, firm_id=firm_id).get()
    assert (kept.text_id, kept.granted_by_id) == (text.version, person_of(firm))
    assert kept.until_at == datetime(END.year, END.month, END.day, 16, tzinfo=UTC), "a day in China"
    assert reader.get(f"/firms/{firm_id}").status_code == 200


def test_the_newest_text_is_shown_and_no_older_one_taken(world, pair, text):
    firm_id, firm, bank, _ = pair
    words = {"since_on": TODAY, "text_zh": "新的授权文本", "text_en": "Newer words"}
    newer = world.models.ConsentText.objects.using("owner").create(version="test-2", **words)
    try:
        page = firm.get("/consents").content.decode()
        assert "新的授权文本" in page and "test-2" in page
        assert firm.post("/consents/grant", granted(text, bank)).status_code == 422
        assert firm.post("/consents/grant", granted(newer, bank)).status_code == 302
        kept = consents(world, firm_id=firm_id)
        assert [one.text_id for one in kept] == ["test-2"]
    finally:
        newer.since_on = date(9999, 1, 1)
        newer.save(using="owner")


def test_revoking_is_one_click_and_bites_at_once(world, pair, text):
    firm_id, firm, bank, reader = pair
    firm.post("/consents/grant", granted(text, bank))
    page = firm.get("/consents").content.decode()
    (address,) = re.findall(r'action="(/consents/\d+/revoke)"', page)
    assert firm.post(address).status_code == 302
    assert reader.get(f"/firms/{firm_id}").status_code == 404
    assert firm.post(address).status_code == 302, "a second click is no error"
    assert "/revoke" not in firm.get("/consents").content.decode()


def test_a_new_grant_replaces_the_old_one(world, pair, text):
    firm_id, firm, bank, _ = pair
    firm.post("/consents/grant", granted(text, bank, PARTS))
    firm.post("/consents/grant", granted(text, bank, ("identity",)))
    assert [one.parts for one in consents(world, firm_id=firm_id, revoked_at=None)] == [
        ["identity"]
    ]


def test_of_grants_at_once_one_holds(world, pair, text):
    """As of a form sent twice, or by two people of the firm."""
    from django.db import connections

    firm_id, firm, bank, _ = pair
    live = consents(world, firm_id=firm_id, revoked_at=None)
    held = []
    gate = threading.Barrier(2, lambda: held.append(live.count()))

    def send(parts):
        client = world.client()
        client.cookies = firm.cookies
        for _ in range(20):
            gate.wait()
            client.post("/consents/grant", granted(text, bank, parts))
        gate.wait()
        connections.close_all()

    threads = [threading.Thread(target=send, args=[PARTS[:n]]) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert consents(world, firm_id=firm_id).count() == 40
    assert held == [0] + [1] * 20


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"whom": "999999:credit"}, "请选择机构"),
        ({"whom": "purpose"}, "请选择机构"),
        ({"parts": []}, "至少勾选"),
        ({"parts": ["password"]}, "至少勾选"),
        ({"until_on": "2020-01-01"}, "到期日"),
        ({"until_on": "2206-01-01"}, "到期日"),
        ({"until_on": "soon"}, "到期日"),
        ({"text": "2020-1"}, "文本已更新"),
    ],
)
def test_a_wrong_grant_says_what_is_wrong_and_keeps_nothing(world, pair, text, change, word):
    firm_id, firm, bank, _ = pair
    answer = firm.post("/consents/grant", granted(text, bank) | change)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert not consents(world, firm_id=firm_id).exists()


def test_forms_cannot_speak_for_others(world, pair, text, seats):
    firm_id, firm, bank, reader = pair
    other = world.firm(world.run(), PARTS)
    foreign = world.consent(other, bank.org)
    forged = granted(text, bank) | {"firm_id": other, "granted_by": 1, "since_at": "2020-01-01"}
    firm.post("/consents/grant", forged)
    assert consents(world, firm_id=firm_id).count() == 1
    assert list(consents(world, firm_id=other)) == [foreign]
    assert firm.post(f"/consents/{foreign.pk}/revoke").status_code == 404
    for address in ("/consents/grant", f"/consents/{foreign.pk}/revoke"):
        assert reader.post(address, granted(text, bank)).status_code == 403
        assert firm.get(address).status_code == 405
    assert firm.get("/requests").status_code == 403
    foreign.refresh_from_db(using="owner")
    assert foreign.revoked_at is None


def test_reading_by_law_is_not_the_firms_to_end(world, pair):
    firm_id, firm, bank, reader = pair
    kept = world.consent(firm_id, bank.org, basis="某法第一条")
    assert "某法第一条" in firm.get("/consents").content.decode()
    assert firm.post(f"/consents/{kept.pk}/revoke").status_code == 403
    assert reader.get(f"/firms/{firm_id}").status_code == 200


def test_a_form_without_its_seal_is_refused(world, pair, text):
    from django.test import Client

    _, firm, bank, _ = pair
    client = Client(enforce_csrf_checks=True)
    client.cookies = firm.cookies
    assert client.post("/consents/grant", granted(text, bank)).status_code == 403


def ask(firm, **more):
    return {"asked": firm, "parts": ["grade"], "until_on": LONG, "message": "授信"} | more


def own_firm(world, seats, uscc=""):
    """A firm whose id has a known scheme, and its client."""
    number = len(world.models.Firm.objects.using("owner").all())
    firm_id = f"own:asked-{number}"
    world.models.Firm.objects.using("owner").create(firm_id=firm_id, name=firm_id, uscc=uscc)
    return firm_id, world.client(seats("firm", world.org("firm", firm_id)))


def test_asking_never_tells_whether_the_firm_exists(world, seats, text):
    bank = seats("credit_officer", world.org())
    client = world.client(bank)
    firm_id, _ = own_firm(world, seats)
    seen = []
    for asked in (firm_id, firm_id + "-not-there"):
        answers = (client.post("/requests/send", ask(asked)), client.get("/requests?said=sent"))
        page = re.sub(r'value="[^"]*"', "", answers[1].content.decode())
        row = re.search(rf">{re.escape(asked)}<.*?</tr>", page, re.S)[0]
        row = re.sub(r"/requests/\d+/|\d\d:\d\d", "", row.replace(asked, ""))
        seen.append((answers[0].status_code, answers[0]["Location"], row))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("by_code", [False, True])
def test_a_request_reaches_its_firm_only_and_is_accepted(world, seats, text, by_code):
    code = "91350100M000100Y43"
    world.models.Firm.objects.using("owner").filter(uscc=code).update(uscc="")
    firm_id, firm = own_firm(world, seats, uscc=code)
    _, other = own_firm(world, seats)
    bank = seats("guarantor", world.org("guarantor"))
    reader = world.client(bank)
    reader.post(
        "/requests/send", ask(code.lower() if by_code else firm_id, org=1, purpose="credit")
    )
    asked = world.models.ConsentRequest.objects.using("owner").get(org=bank.org)
    assert asked.purpose == "guarantee"
    address = f"/consents/requests/{asked.pk}/accept"
    assert address not in other.get("/consents").content.decode()
    assert other.post(address, {"text": text.version}).status_code == 404
    assert address in firm.get("/consents").content.decode()
    assert firm.post(address, {"text": "2020-1"}).status_code == 422
    assert firm.post(address, {"text": text.version}).status_code == 302
    given = consents(world, firm_id=firm_id).get()
    assert (given.org_id, given.purpose, given.parts) == (bank.org_id, "guarantee", ["grade"])
    assert "企业已同意" in reader.get("/requests").content.decode()
    assert firm.post(address, {"text": text.version}).status_code == 404, "answered once"


def test_a_request_is_declined_or_withdrawn(world, seats, text):
    firm_id, firm = own_firm(world, seats)
    bank, other = seats("credit_officer", world.org()), seats("credit_officer", world.org())
    reader = world.client(bank)
    for done in ("declined", "withdrawn"):
        reader.post("/requests/send", ask(firm_id))
        assert reader.post("/requests/send", ask(firm_id)).status_code == 422, "one at a time"
        number = (
            world.models.ConsentRequest.objects.using("owner").get(state="open", org=bank.org).pk
        )
        mine = f"/requests/{number}/withdraw"
        assert world.client(other).post(mine).status_code == 404
        if done == "declined":
            assert firm.post(f"/consents/requests/{number}/decline").status_code == 302
        else:
            assert reader.post(mine).status_code == 302
        kept = world.models.ConsentRequest.objects.using("owner").get(pk=number)
        assert kept.state == done
    assert not consents(world, firm_id=firm_id).exists()


@pytest.mark.parametrize("asked", ["", "91350100M000100Y44", "a b", "tax:1"])
def test_a_malformed_id_is_told_so(world, seats, asked):
    client = world.client(seats("credit_officer", world.org()))
    answer = client.post("/requests/send", ask(asked))
    assert (answer.status_code, "信用代码" in answer.content.decode()) == (422, True)


def test_raw_sql_of_a_web_process_cannot_forge_a_case(world, pair, seats, text, web_url):
    firm_id, _, bank, _ = pair
    other = world.firm(world.run())
    person = bank.person_id
    held = {
        "person": person,
        "org": bank.org_id,
        "firm": firm_id,
        "role": "firm",
        "purpose": "credit",
    }
    since = "now(), now() + interval '1 day'"
    consent = (
        "INSERT INTO platform_consent (firm_id, org_id, purpose, parts, text_id, basis, "
        "granted_by_id, since_at, until_at) VALUES "
    )
    asked = (
        "INSERT INTO platform_consentrequest (asked, org_id, purpose, parts, until_on, message, "
        "asked_by_id, state) VALUES "
    )
    one = f"'credit', '{{grade}}', '{text.version}'"
    rest = f"'{{grade}}', now(), '', {person}"
    for statement in (
        f"{consent} ('{other}', {bank.org_id}, {one}, '', {person}, {since})",
        f"{consent} ('{firm_id}', {bank.org_id}, {one}, 'law', {person}, {since})",
        f"{consent} ('{firm_id}', {bank.org_id}, {one}, '', {person + 1}, {since})",
        f"{asked} ('{other}', {bank.org_id + 1}, 'credit', {rest}, 'open')",
        f"{asked} ('{other}', {bank.org_id}, 'policy', {rest}, 'open')",
        f"{asked} ('{other}', {bank.org_id}, 'credit', {rest}, 'accepted')",
        f"UPDATE platform_consenttext SET text_zh = '' WHERE version = '{text.version}'",
    ):
        with psycopg.connect(web_url) as connection:
            speak(connection, held)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def speak(connection, held):
    for name, value in held.items():
        connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])


PATHS = ("firm", "firms", "file", "api", "api_list", "sql")


class Model:
    """Consents as plain Python: who may read which part of which firm for what, right now."""

    def __init__(self):
        self.live = {}

    def may(self, firm, org, purpose, part):
        return part in self.live.get((firm, org, purpose), ())


class Walk:
    """Random steps on the platform and on the model side by side."""

    def __init__(self, world, seats, text, web_url, seed):
        self.world, self.text, self.draw = world, text, random.Random(seed)
        self.model, self.wrong, self.reads = Model(), [], 0
        run = world.run()
        self.firms = [world.firm(run, PARTS[1:]) for _ in range(6)]
        self.people = {one: seats("firm", world.org("firm", one)) for one in self.firms}
        self.clients = {one: world.client(member) for one, member in self.people.items()}
        banks = [world.org() for _ in range(3)]
        self.readers = [seats("credit_officer", one) for one in banks]
        self.readers.append(seats("guarantor", banks[0]))
        self.purposes = {"credit_officer": "credit", "guarantor": "guarantee"}
        self.looking = [(one, world.client(one)) for one in self.readers]
        self.sql = psycopg.connect(web_url)

    def step(self):
        move = self.draw.choices(("grant", "revoke", "expire", "read"), (3, 2, 1, 6))[0]
        getattr(self, move)()

    def grant(self):
        firm, member = self.draw.choice(self.firms), self.draw.choice(self.readers)
        purpose = self.purposes[member.role]
        parts = self.draw.sample(PARTS, self.draw.randint(1, len(PARTS)))
        sent = granted(self.text, member, parts, purpose)
        assert self.clients[firm].post("/consents/grant", sent).status_code == 302
        self.model.live[firm, member.org_id, purpose] = set(parts)

    def revoke(self):
        if self.model.live:
            key = self.draw.choice(sorted(self.model.live))
            number = self.one(key).pk
            assert self.clients[key[0]].post(f"/consents/{number}/revoke").status_code == 302
            del self.model.live[key]

    def expire(self):
        """Time passes for one consent: as if it had been given long ago."""
        if self.model.live:
            key = self.draw.choice(sorted(self.model.live))
            from django.db import connections, transaction

            with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(
                    "UPDATE platform_consent SET since_at = since_at - interval '2 years', "
                    "until_at = now() - interval '1 millisecond' WHERE id = %s",
                    [self.one(key).pk],
                )
            del self.model.live[key]

    def one(self, key):
        firm, org, purpose = key
        return consents(self.world, firm_id=firm, org_id=org, purpose=purpose).latest("pk")

    def read(self):
        member, client = self.draw.choice(self.looking)
        self.reads += 1
        getattr(self, f"read_{self.draw.choice(('firm', 'firms', 'file', 'sql', 'api'))}")(
            member, client
        )

    def judge(self, what, found, wanted):
        if found != wanted:
            self.wrong.append((what, found, wanted))

    def may(self, member, firm, part):
        return self.model.may(firm, member.org_id, self.purposes[member.role], part)

    def read_firm(self, member, client):
        firm = self.draw.choice(self.firms)
        found = client.get(f"/firms/{firm}").status_code
        self.judge("firm", found, 200 if self.may(member, firm, "identity") else 404)

    def read_firms(self, member, client):
        found = {unquote(one) for one in LINK.findall(client.get("/firms").content.decode())}
        self.judge("firms", found, {one for one in self.firms if self.may(member, one, "grade")})

    def read_file(self, member, client):
        rows = client.get("/firms.csv").content.decode("utf-8-sig").splitlines()[1:]
        found = {row.split(",")[0] for row in rows}
        self.judge("file", found, {one for one in self.firms if self.may(member, one, "grade")})

    def read_api(self, member, client):
        firm = self.draw.choice(self.firms)
        found = client.get(f"/api/v1/firms/{firm}").status_code
        self.judge("api", found, 200 if self.may(member, firm, "identity") else 404)

    def read_api_list(self, member, client):
        rows = client.get("/api/v1/firms").json()["rows"]
        wanted = {one for one in self.firms if self.may(member, one, "grade")}
        self.judge("api", {row["firm_id"] for row in rows}, wanted)

    def read_sql(self, member, client):
        purpose = self.purposes[member.role]
        with self.sql.transaction():
            speak(
                self.sql,
                {"org": member.org_id, "purpose": purpose, "role": member.role, "firm": ""},
            )
            sheets = "SELECT firm_id, part FROM platform_sheet UNION ALL "
            sheets += "SELECT firm_id, 'identity' FROM platform_firm"
            found = set(self.sql.execute(sheets).fetchall())
        wanted = {(f, p) for f in self.firms for p in PARTS if self.may(member, f, p)}
        self.judge("sql", found, wanted)


@pytest.mark.parametrize("steps", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_random_grants_revocations_ends_and_reads_against_a_plain_model(
    world, seats, text, web_url, steps
):
    walk = Walk(world, seats, text, web_url, seed=steps)
    for _ in range(steps):
        walk.step()
    walk.sql.close()
    assert walk.wrong == []
    assert walk.reads > steps / 3
    seen = world.models.Reading.objects.using("owner").filter(firm_id__in=walk.firms)
    pairs = set(seen.values_list("org_id", "purpose"))
    assert pairs <= {(one.org_id, walk.purposes[one.role]) for one in walk.readers}
