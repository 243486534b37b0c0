"""Sums over the firms that agreed are never older than a consent.

Expected sums are those of PostgreSQL itself, row by row under row-level security, as the role of
web processes: it knows nothing of what is kept.
"""

import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import psycopg
import pytest

KINDS = ("standing", "region", "sector", "lent", "need")
BY_ROW = """
SELECT 'standing', grade || '/' || verdict, count(*), sum(debt_outstanding_lcy) FILTER (WHERE cny),
    sum(limit_lcy) FILTER (WHERE cny), sum(debt_outstanding_lcy ^ 2) FILTER (WHERE cny)
FROM (SELECT *, currency = 'CNY' AS cny FROM platform_standing WHERE run_id = %(run)s) AS s
GROUP BY grade, verdict UNION ALL
SELECT 'region', region_code, count(*), sum(debt_outstanding_lcy) FILTER (WHERE currency = 'CNY'),
    sum(limit_lcy) FILTER (WHERE currency = 'CNY'),
    sum(debt_outstanding_lcy ^ 2) FILTER (WHERE currency = 'CNY')
FROM platform_standing WHERE run_id = %(run)s GROUP BY region_code UNION ALL
SELECT 'sector', sector, count(*), sum(debt_outstanding_lcy) FILTER (WHERE currency = 'CNY'),
    sum(limit_lcy) FILTER (WHERE currency = 'CNY'),
    sum(debt_outstanding_lcy ^ 2) FILTER (WHERE currency = 'CNY')
FROM platform_standing WHERE run_id = %(run)s GROUP BY sector UNION ALL
SELECT 'lent', year::text, sum(loans_n), sum(defaulted_n), sum(outstanding_cny), sum(bad_cny)
FROM platform_lent WHERE run_id = %(run)s GROUP BY year UNION ALL
SELECT 'need', plan_status, count(*), sum(plan_cny), sum(asked_cny), NULL
FROM platform_need WHERE run_id = %(run)s GROUP BY plan_status
"""
FIRMS_N, STEPS_N = 40, 50


class Book:
    """A run, its firms, and two members who read for the same or another purpose."""

    def __init__(self, world, draw):
        self.world, self.draw, self.models = world, draw, world.models
        self.run, bank = world.run(), world.org()
        self.members = [
            (world.member("credit_officer", bank), "credit"),
            (world.member("operator", bank), "service"),
        ]
        self.firms = [self._firm(number) for number in range(FIRMS_N)]
        self.consents = []

    def _firm(self, number):
        draw, firm_id = self.draw, self.world.firm(self.run, parts=())
        whole = {"run": self.run, "firm_id": firm_id}
        standing = self.models.Standing.objects.using("owner").filter(**whole)
        standing.update(
            grade=draw.choice(["TF1", "TF2", ""]), verdict=draw.choice(["graded", "expert"]),
            region_code=draw.choice(["330000", "110000"]), sector=draw.choice(["甲", "乙"]),
            currency=draw.choice(["CNY", "CNY", "USD"]),
            debt_outstanding_lcy=draw.choice([None, 1.5e6, 2e7]),
            limit_lcy=draw.choice([None, 3e6]),
        )  # fmt: skip
        for year in range(2024, 2024 + draw.randrange(3)):
            self.models.Lent.objects.using("owner").create(
                **whole, year=year, loans_n=2, defaulted_n=1, outstanding_cny=5e5, bad_cny=1e5
            )
        if draw.random() < 0.7:
            self.models.Need.objects.using("owner").create(
                **whole, name="名", plan_status=draw.choice(["planned", "no_plan"]),
                plan_cny=draw.choice([None, 1e5]), asked_cny=draw.choice([None, 2e5]),
            )  # fmt: skip
        return firm_id

    def step(self):
        """Grant (now, for a moment, or from a moment on), revoke, or change a figure."""
        draw, at = self.draw, datetime.now(UTC)
        move = draw.choice(["grant", "grant", "short", "later", "revoke", "figure"])
        live = [one for one in self.consents if one.revoked_at is None]
        if move == "revoke" and live:
            self.world.revoke(draw.choice(live))
        elif move == "figure":
            rows = self.models.Standing.objects.using("owner")
            rows.filter(run=self.run, firm_id=draw.choice(self.firms)).update(limit_lcy=7e6)
        elif move != "revoke":
            self.grant(
                draw.choice(self.firms),
                since_at=at + timedelta(seconds=0.03) if move == "later" else at,
                until_at=at + timedelta(seconds=0.05 if move == "short" else 3600),
            )

    def grant(self, firm_id, **when):
        member, purpose = self.draw.choice(self.members)
        parts = self.draw.choice([("grade",), ("plan",), ("grade", "plan"), ("identity",)])
        made = self.world.consent(firm_id, member.org, purpose, parts, **when)
        self.consents.append(made)

    def told_and_true(self, member):
        from django.db import connection

        from techflow_service.platform.booking import totals
        from techflow_service.platform.context import speaking_as

        with speaking_as(member), connection.cursor() as cursor:
            told = [tuple(cell.values()) for cell in totals(self.run, *KINDS)]
            cursor.execute(BY_ROW, {"run": self.run.pk})
            return as_map(told), as_map(cursor.fetchall())


def as_map(rows):
    """Whole numbers of yuan: sums of floats do not depend on their order then."""
    return {
        (kind, name): tuple(None if one is None else float(one) for one in sums)
        for kind, name, *sums in rows
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_sums_are_those_of_the_rows_after_any_change(world, seed):
    book = Book(world, random.Random(seed))
    seen = set()
    for _ in range(STEPS_N):
        book.step()
        if book.draw.random() < 0.2:
            time.sleep(0.05)
        for member, _ in book.members:
            told, true = book.told_and_true(member)
            assert told == true
            seen |= {kind for kind, _ in true}
    assert seen == set(KINDS)


def test_an_end_by_its_date_bites_without_any_change(world):
    book = Book(world, random.Random(3))
    member, purpose = book.members[0]
    until = datetime.now(UTC) + timedelta(seconds=0.4)
    world.consent(book.firms[0], member.org, purpose, ("grade",), until_at=until)
    assert book.told_and_true(member)[0]
    time.sleep(0.5)
    assert book.told_and_true(member) == ({}, {})


def test_a_revocation_bites_while_others_read(world):
    """Others read without pause; who reads after a change finds it."""
    from django.db import connection

    book, over = Book(world, random.Random(4)), Event()
    for firm_id in book.firms:
        book.grant(firm_id)

    def read():
        try:
            while not over.is_set():
                for member, _ in book.members:
                    book.told_and_true(member)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for consent in book.consents[:15]:
                world.revoke(consent)
                for member, _ in book.members:
                    told, true = book.told_and_true(member)
                    assert told == true
        finally:
            over.set()
    assert [one.result() for one in readers] == [None] * 3


def test_web_processes_touch_nothing_of_what_is_kept(web_url):
    """Nor can they ask for the sums of another reader than they speak for."""
    for statement in (
        "UPDATE platform_total SET until_at = 'infinity'",
        "UPDATE platform_consentmark SET n = 0",
        "DELETE FROM platform_figuremark",
        "SELECT make_totals(1, 1, 'credit')",
        "SELECT kept_totals(1, 1, 'credit')",
    ):
        with (
            psycopg.connect(web_url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)
    with psycopg.connect(web_url) as connection:
        assert connection.execute("SELECT count(*) FROM platform_total").fetchone() == (0,)


def test_nobody_is_told_no_sum(world):
    from techflow_service.platform.booking import totals
    from techflow_service.platform.context import speaking_as

    with speaking_as(None):
        assert totals(world.run(), *KINDS) == []


def test_few_firms_that_agreed_are_found_as_many_are(world, monkeypatch):
    """Which way the rows are looked for changes none of them."""
    from techflow_service.platform import agreeing

    book = Book(world, random.Random(5))
    for firm_id in book.firms[:30]:
        book.grant(firm_id)
    client = world.client(book.members[0][0])
    pages = []
    for few_max in (2_000, 2):
        monkeypatch.setattr(agreeing, "FEW_MAX", few_max)
        pages.append([rows_of(client.get(one)) for one in ("/firms", "/book", "/market", "/")])
    assert "test:firm" in pages[0][0] and "test:firm" in pages[0][1]
    assert pages[0] == pages[1]


def rows_of(answer):
    """The page without the seals of its forms, which are new each time."""
    return re.sub(r'value="\w{64}"', "", answer.content.decode())
