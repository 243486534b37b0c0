"""A platform on a PostgreSQL of its own, and short words for who calls it.

Web code runs as the role of web processes; what a test prepares is written as the owner.
"""

import itertools
import json
import os
import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import psycopg
import pytest
from tests.platform.visiting import chromium, demo_at  # noqa: F401 - fixtures

from techflow_service.ledger.embedded import start_server, stop_server

NUMBERS = itertools.count(1)
QUICK = 1_000
"""Rounds of hashing in tests: its strength is not what they try."""
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def owner_url():
    folder = Path(tempfile.mkdtemp(prefix="tfpl"))
    try:
        yield start_server(folder)
    finally:
        stop_server(folder)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def web_url(owner_url):
    os.environ["TECHFLOW_HOSTS"] = "testserver,localhost,127.0.0.1"
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    from techflow_service.platform.database import set_up

    PBKDF2PasswordHasher.iterations = QUICK
    return set_up(owner_url)


@pytest.fixture(scope="module", autouse=True)
def no_run(owner_url, web_url):
    """Each module begins without a run: pages show the newest, whoever made it."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("TRUNCATE platform_run CASCADE")


class World:
    """Makes organisations, members, firms and consents, each with a name of its own."""

    TODAY = date(2026, 11, 27)

    def __init__(self):
        from techflow_service.platform import models

        self.models = models

    def org(self, kind="bank", firm_id=""):
        number = next(NUMBERS)
        return self.models.Organisation.objects.using("owner").create(
            kind=kind, name_zh=f"机构{number}", name_en=f"Organisation {number}", firm_id=firm_id
        )

    def member(self, role, org=None, **fields):
        person = self.models.Person(username=f"person{next(NUMBERS)}")
        person.set_password(PASSWORD)
        person.save(using="owner")
        org = org or self.org()
        return self.models.Membership.objects.using("owner").create(
            person=person, org=org, role=role, **fields
        )

    def run(self, as_of=TODAY):
        return self.models.Run.objects.using("owner").create(
            as_of=as_of, loaded_at=datetime.now(UTC), record={}
        )

    def firm(self, run, parts=("grade", "technology")):
        firm_id = f"test:firm-{next(NUMBERS)}"
        name = f"测试{firm_id[-3:]}科技有限公司"
        self.models.Firm.objects.using("owner").create(firm_id=firm_id, name=name)
        self.models.Standing.objects.using("owner").create(
            run=run, firm_id=firm_id, name=name, search=name, verdict="graded", grade="TF3", pd=0.01
        )
        for part in parts:
            self.models.Sheet.objects.using("owner").create(
                run=run, firm_id=firm_id, part=part, body={}
            )
        return firm_id

    def consent(self, firm_id, org, purpose="credit", parts=("identity", "grade"), **fields):
        now = datetime.now(UTC)
        text, _ = self.models.ConsentText.objects.using("owner").get_or_create(
            version="test",
            defaults={"since_on": self.TODAY, "text_zh": "同意", "text_en": "Agreed"},
        )
        base = {"since_at": now - timedelta(days=1), "until_at": now + timedelta(days=30)}
        return self.models.Consent.objects.using("owner").create(
            firm_id=firm_id, org=org, purpose=purpose, parts=list(parts), text=text, **base | fields
        )

    def revoke(self, consent):
        consent.revoked_at = datetime.now(UTC)
        consent.save(using="owner")

    def client(self, member=None):
        from django.test import Client

        client = Client(raise_request_exception=True)
        if member:
            client.force_login(
                member.person, backend="allauth.account.auth_backends.AuthenticationBackend"
            )
        return client


@pytest.fixture(scope="session")
def world(web_url):
    return World()


@pytest.fixture
def settings_of(web_url):
    from django.test import override_settings

    return override_settings


@pytest.fixture(scope="session")
def write_run():
    """Writes the smallest folder that `techflow assess` could have: one firm, no grade."""
    return _write_run


def _write_run(folder):
    folder.mkdir(exist_ok=True)
    firm = {"firm_id": "test:loaded", "name": "装载科技", "pd": None, "limit_lcy": None}
    texts = ("region_code", "city", "sector", "life_stage", "verdict", "grade", "pd_basis")
    figures = ("rate_pa", "debt_outstanding_lcy")
    rows = firm | dict.fromkeys(texts, "") | {"currency": "CNY"} | dict.fromkeys(figures)
    frame = pl.DataFrame([rows | {"evidence_on": None}])
    frame.write_parquet(folder / "assessment.parquet")
    frame.select("firm_id", "name").with_columns(
        uscc=pl.lit(""), name_en=pl.lit(""), country=pl.lit("CN"), founded_on=pl.lit(None),
        region_code=pl.lit(""), city=pl.lit(""), sector=pl.lit(""), industry_code=pl.lit(""),
        customers_n=pl.lit(1), patents_n=pl.lit(0),
    ).write_parquet(folder / "profile.parquet")  # fmt: skip
    pl.DataFrame(
        {"firm_id": ["test:loaded"], "flow_score": [1.0], "patent_value_median_cny": [None]}
    ).write_parquet(folder / "technology.parquet")
    record = {"as_of": "2001-01-31", "scale": {"grades": []}, "of": str(folder)}
    (folder / "run.json").write_text(json.dumps(record), "utf8")
    return folder
