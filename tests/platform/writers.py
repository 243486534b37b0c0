"""People at work over HTTP while `test_kill` kills what serves them.

Each writer remembers what was answered. An answer that did not come, or tells a fault of the
server, means that nobody knows: a write under a token or key is sent again as people do, a
consent is not, and may be there or not.
"""

import http.client
import json
import random
import re
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
from tests.platform.killed import POOL

WAIT_SECONDS = 240
SEAL = "k" * 32
PARTS = ("identity", "grade", "technology", "patents", "cash", "network", "qualification", "plan")
AGE = """
WITH aged AS (UPDATE platform_loan SET start_on = start_on - 200 WHERE application_id = %(one)s)
UPDATE platform_loanstep SET at = at - interval '200 days' WHERE application_id = %(one)s
"""
"""Time passes, as the owner: enough to be overdue."""
ORDER = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args)
VALUES ('owner', 'load', jsonb_build_object('folder', %s::text)) RETURNING id
"""
WAITING = """
SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'load' AND status IN ('todo', 'doing')
"""
WAITING_MAX = 3
CLAIM = ("claim_form", "loss_ledger", "classification_record", "collection_record")
SCORE = "/api/v1/jobs/score"


class Unknown(Exception):
    """No whole answer, or a fault of the server."""


class Site:
    """One person's way to the pages, or to the API by a key."""

    def __init__(self, port, cookie="", key=""):
        self.port = port
        self.headers = {"Cookie": f"sessionid={cookie}; csrftoken={SEAL}"} if cookie else {}
        self.headers |= {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, address):
        return self.ask("GET", address)

    def post(self, address, fields, files=(), **headers):
        body, kind = form({"csrfmiddlewaretoken": SEAL} if not headers else {}, fields, files)
        return self.ask("POST", address, body, {"Content-Type": kind, **headers})

    def ask(self, method, address, body=None, headers=()):
        """Status, place and text of an answer; Unknown if there was none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, address, body, self.headers | dict(headers))
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Unknown from error
        finally:
            connection.close()
        if answer.status >= 500:
            raise Unknown(answer.status)
        return answer.status, answer.headers.get("Location", ""), text


def form(seal, fields, files):
    """A form as browsers send it, and its type."""
    pairs = [(name, one) for name, value in fields.items() for one in listed(value)]
    texts = [(f'name="{name}"', value) for name, value in [*seal.items(), *pairs]]
    texts += [(f'name="{name}"; filename="{name}"', text) for name, text in files]
    lines = [
        f"--end\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}" for head, text in texts
    ]
    return "\r\n".join([*lines, "--end--\r\n"]).encode(), "multipart/form-data; boundary=end"


def listed(value):
    return value if isinstance(value, list) else [value]


class Writer(threading.Thread):
    """Does its story again and again until told to stop; the last one is done to its end."""

    def __init__(self, stop):
        super().__init__(daemon=True)
        self.stop, self.kept_n, self.error = stop, 0, None

    def run(self):
        try:
            while not self.stop.is_set():
                self.story()
        except Exception as error:  # told by the test, which waits for this thread
            self.error = error

    def surely(self, send, *wanted):
        """Send until it was answered; the answer."""
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            try:
                answer = send()
            except (Unknown, psycopg.Error):
                time.sleep(0.2)
                continue
            if answer[0] not in wanted:
                raise AssertionError(answer)
            self.kept_n += 1
            return answer
        raise AssertionError("no answer")


class Reads(Writer):
    """An officer opens the pages of firms."""

    def __init__(self, stop, site):
        super().__init__(stop)
        self.site, self.answered = site, {}

    def story(self):
        firm_id = f"test:kill-{self.kept_n % 20}"
        try:
            status, *_ = self.site.get(f"/firms/{firm_id}")
        except Unknown:
            time.sleep(0.05)
            return
        assert status == 200
        self.kept_n += 1
        self.answered[firm_id] = self.answered.get(firm_id, 0) + 1
        time.sleep(0.2)


class Orders(Writer):
    """The owner orders the loading of one folder, often."""

    def __init__(self, stop, url, folder):
        super().__init__(stop)
        self.url, self.folder, self.jobs = url, str(folder), []

    def story(self):
        try:
            with psycopg.connect(self.url, autocommit=True, connect_timeout=3) as connection:
                if connection.execute(WAITING).fetchone()[0] < WAITING_MAX:  # else a long end
                    self.jobs.append(connection.execute(ORDER, [self.folder]).fetchone()[0])
                    self.kept_n += 1
        except psycopg.Error:
            pass
        time.sleep(0.3)


class Grants(Writer):
    """A firm grants one organisation, each time other parts and another day, and revokes."""

    def __init__(self, stop, site, org_id, seed):
        super().__init__(stop)
        self.site, self.org_id, self.draw = site, org_id, random.Random(seed)
        self.sent, self.first = [], datetime.now(UTC).date() + timedelta(days=2)

    def story(self):
        n = len(self.sent)
        chosen = [part for bit, part in enumerate(PARTS) if (1 + n // 1_500) >> bit & 1]
        until = self.first + timedelta(days=n % 1_500)
        wish = {"whom": f"{self.org_id}:credit", "parts": chosen, "until_on": until.isoformat()}
        self.write(("grant", (until, tuple(chosen))), "grant", wish | {"text": "test"})
        if self.draw.random() < 0.5:
            self.revoke()

    def revoke(self):
        try:
            _, _, page = self.site.get("/consents")
        except Unknown:
            return
        _first, *granted = sorted(map(int, re.findall(r'action="/consents/(\d+)/revoke"', page)))
        for number in granted:  # the first was there before, with the bank
            self.write(("revoke", number), f"{number}/revoke", {})

    def write(self, what, address, fields):
        try:
            status, place, _ = self.site.post(f"/consents/{address}", fields)
            assert (status, "said=" in place) == (302, True), status
            self.kept_n += 1
            self.sent.append((*what, True))
        except Unknown:
            self.sent.append((*what, False))
            time.sleep(0.3)
        time.sleep(0.05)


class Lends(Writer):
    """A firm, an officer and a head of a branch bring loans from application to claim."""

    def __init__(self, stop, sites, url, bank):
        super().__init__(stop)
        self.sites, self.url, self.bank, self.made = sites, url, bank, {}

    def story(self):
        said = {"org": self.bank, "amount_cny": "1000000", "term_months": "6", "purpose": "周转"}
        token = uuid.uuid4().hex
        send = lambda: self.sites["borrows"].post("/lending/apply", said | {"token": token})  # noqa: E731
        place = self.surely(send, 302)[1]
        self.made[int(place.split("/")[-1])] = steps = [("apply", token)]
        offer = {"amount_cny": "1000000", "rate_pa": "4.6", "term_months": "6"}
        for who, move, fields, papers in (
            ("officer", "qualify", {}, ()),
            ("officer", "assess", {}, ()),
            ("officer", "propose", offer, ()),
            ("head", "approve", {}, ()),
            ("borrows", "accept", {}, ()),
            ("officer", "lend", {}, ()),
            ("officer", "file", {"pool_id": POOL}, ("loan_contract", "disbursement_record")),
            ("officer", "receive", {"amount_fen": "1234.56"}, ()),
            ("", "age", {}, ()),
            ("officer", "default", {}, ("classification_record", "overdue_record")),
            ("officer", "prepare_claim", {}, CLAIM),
            ("head", "claim", {}, ()),
        ):
            if not who:
                self.surely(lambda: self.age(place), 200)
                continue
            steps.append((move, self.move(who, f"{place}/{move}", fields, papers)))

    def move(self, who, address, fields, papers):
        said = {"token": uuid.uuid4().hex} | fields
        files = [(name, "paper") for name in papers]
        answer = self.surely(lambda: self.sites[who].post(address, said, files), 302)
        assert answer[1] == address.rpartition("/")[0]
        return said["token"]

    def age(self, place):
        with psycopg.connect(self.url, autocommit=True, connect_timeout=3) as connection:
            connection.execute(AGE, {"one": int(place.split("/")[-1])})
        return (200,)


class Scores(Writer):
    """An officer sends files to be scored."""

    def __init__(self, stop, site):
        super().__init__(stop)
        self.site, self.jobs = site, {}

    def story(self):
        number = f"kr:{len(self.jobs)}"
        said = {"card": "korea-distress", "form": "csv"}
        rows = [("file", f"firm_id,country,leverage_ratio\n{number},KR,0.4\n")]
        key = {"Idempotency-Key": uuid.uuid4().hex}
        answer = (409,)
        while answer[0] == 409:  # so many wait already
            answer = self.surely(lambda: self.site.post(SCORE, said, rows, **key), 202, 409)
            time.sleep(1.5)
        self.jobs[json.loads(answer[2])["job"]] = number


def crew(stop, place, cast):
    """Everyone, not yet at work."""
    home, url, port = place
    sites = {name: Site(port, cookie) for name, cookie in cast["cookies"].items()}
    return {
        "reads": Reads(stop, sites["officer"]),
        "orders": Orders(stop, url, home / "run"),
        "grants-0": Grants(stop, sites["grants-0"], cast["other"], seed=0),
        "grants-1": Grants(stop, sites["grants-1"], cast["other"], seed=1),
        "lends": Lends(stop, sites, url, cast["bank"]),
        "scores": Scores(stop, Site(port, key=cast["key"])),
    }
