"""The platform that `test_kill` kills: `python -m tests.platform.killed FOLDER PORT`."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from techflow_service.cli.serve import mend
from techflow_service.clock import now
from techflow_service.ledger import Books, Request
from techflow_service.ledger.embedded import start_server
from techflow_service.platform.processes import keep
from techflow_service.platform.starting import Platform

POOL, HASH, MILLION = "pool-kill", "ab" * 32, 1_000_000


class Cast:
    """Firms that agreed with one bank, its people, two firms that grant, one that borrows."""

    def __init__(self, models):
        self.models = models
        record = {"content": {"products/working_capital": "cd" * 32}}
        self.run = self.make("Run", as_of="2026-06-30", loaded_at=now(), record=record)
        words = {"since_on": "2026-01-01", "text_zh": "同意", "text_en": "Agreed"}
        self.text = self.make("ConsentText", version="test", **words)
        self.bank, self.other = self.org("bank"), self.org("bank")

    def make(self, model, **fields):
        return getattr(self.models, model).objects.using("owner").create(**fields)

    def org(self, kind, firm_id=""):
        return self.make(
            "Organisation", kind=kind, name_zh=f"{kind}{firm_id}", name_en=kind, firm_id=firm_id
        )

    def member(self, role, org, **fields):
        person = self.make("Person", username=f"{role}-{org.pk}")
        return self.make("Membership", person=person, org=org, role=role, **fields)

    def firm(self, name):
        firm_id = f"test:{name}"
        self.make("Firm", firm_id=firm_id, name=firm_id)
        grade = {"assessment": [{"card_hash": HASH}]}
        self.make("Sheet", run=self.run, firm_id=firm_id, part="grade", body=grade)
        self.make(
            "Standing", run=self.run, firm_id=firm_id, name=firm_id, search=firm_id, pd=0.01,
            verdict="graded", grade="TF3", limit_lcy=4e6, currency="CNY", rate_pa=0.045,
        )  # fmt: skip
        self.make(
            "Consent", firm_id=firm_id, org=self.bank, purpose="credit", text=self.text,
            parts=["identity", "grade"], since_at=now(), until_at=now() + timedelta(days=1),
        )  # fmt: skip
        return firm_id


def fill(url):
    """What the writers need to know, of a platform with everyone in their seats."""
    from django.test import Client

    from techflow_service.platform import models
    from techflow_service.platform.api.keys import digest_of

    cast = Cast(models)
    for number in range(20):
        cast.firm(f"kill-{number}")
    seats = {
        "officer": cast.member("credit_officer", cast.bank),
        "head": cast.member("branch_head", cast.bank, authority_cny=5 * MILLION),
        "reader": cast.member("credit_officer", cast.other),
    }
    seats |= {
        name: cast.member("firm", cast.org("firm", cast.firm(name)))
        for name in ("grants-0", "grants-1", "borrows")
    }
    officer = seats["officer"]
    cast.make(
        "ApiKey", person_id=officer.person_id, membership=officer, digest=digest_of(HASH),
        scopes=["bulk"], expires_at=now() + timedelta(days=1),
    )  # fmt: skip
    books = Books.open(url, tenant="main")
    books.post(
        Request(
            "open", route="open", actor="admin", detail={"caps": {}, "notice_days": 0},
            pool_id=POOL, evidence_hash=HASH, rule_version="v1", on=now().date(),
        ),
        now(),
    )  # fmt: skip
    books.close()
    told = {"bank": cast.bank.pk, "other": cast.other.pk, "key": HASH, "cookies": {}}
    for name, member in seats.items():
        client = Client()
        client.force_login(
            member.person, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        told["cookies"][name] = client.cookies["sessionid"].value
    return told


def main():
    """Serve until told to end."""
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    url = start_server(home / "db")
    platform = Platform.prepare(url, home / "platform")
    # By a file: a pipe that nobody reads on fills with words of the web server, which then waits.
    (home / "cast.new").write_text(json.dumps(fill(url)))
    (home / "cast.new").rename(home / "cast.json")
    programs = platform.programs("127.0.0.1", port, 2)
    sys.exit(keep(list(programs.values()), lambda: mend(home / "db")))


if __name__ == "__main__":
    main()
