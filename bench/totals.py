"""Processor time of pages of sums over 100,000 firms: kept, after a change, and at first.

Book, park, first page and its counts, asked in this process; processor time of it and of the
database's process, which other work on the machine hardly moves. After a change: one firm revoked
its consent before each page. At first: nothing was kept yet. Ends with one JSON object.
"""

import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bench.service import FILL, FIRMS_N

PAGES = {"book": "/book", "park": "/park", "home": "/", "counts": "/home/counts"}
ROUNDS = 15
MORE = """
SET session_replication_role = replica;
UPDATE platform_standing SET sector = (ARRAY['软件', '生物', '材料', '能源'])[1 + id % 4],
    debt_outstanding_lcy = CASE WHEN id % 3 = 0 THEN 1000.0 * (id * 7919 % 100003) END,
    steps_up = CASE WHEN id % 6 = 0 THEN 1 ELSE 0 END;
INSERT INTO platform_lent (run_id, firm_id, year, loans_n, defaulted_n, outstanding_cny, bad_cny)
SELECT run_id, firm_id, year, 2, 0, 100000, 0 FROM platform_standing, generate_series(2023, 2024)
    AS year;
INSERT INTO platform_need (run_id, firm_id, name, plan_status, plan_cny, plan_zh, plan_en,
    asked_cny, product_id, rival_product_id, reason_zh, reason_en)
SELECT run_id, firm_id, name, CASE WHEN id % 2 = 0 THEN 'planned' ELSE 'no_plan' END, 1000, '', '',
    CASE WHEN id % 3 = 0 THEN id END, '', '', '', '' FROM platform_standing;
INSERT INTO platform_consent (firm_id, org_id, purpose, parts, text_id, basis, since_at, until_at)
SELECT firm_id, :park, 'park_service', parts, text_id, '', since_at, until_at FROM platform_consent;
ANALYZE;
"""


def main():
    """Measure and print one JSON object last."""
    from techflow_service.ledger.embedded import start_server, stop_server
    from techflow_service.platform.database import set_up

    home = Path(tempfile.mkdtemp(prefix="tfto"))
    os.environ["TECHFLOW_HOSTS"] = "testserver"
    try:
        owner_url = start_server(home)
        set_up(owner_url)
        print(json.dumps({"firms_n": FIRMS_N, "rounds_n": ROUNDS} | measure(owner_url)))
    finally:
        stop_server(home)
        shutil.rmtree(home, ignore_errors=True)


def measure(owner_url):
    """Milliseconds of processor time of each page, by what happened before it."""
    import logging

    import psycopg
    from django.db import connection

    logging.disable(logging.CRITICAL)
    clients = fill(owner_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    told, revoked = {}, 0
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for name, address in PAGES.items():
            client = clients["park" if name == "park" else "officer"]
            owner.execute("TRUNCATE platform_total")
            told[f"{name}_first_ms"] = cpu(client, address, pid)
            kept, changed = [], []
            for _ in range(ROUNDS):
                kept.append(cpu(client, address, pid))
                revoked += 1
                owner.execute(
                    "UPDATE platform_consent SET revoked_at = now() "
                    "WHERE firm_id = %s AND revoked_at IS NULL",
                    [f"bench:{revoked}"],
                )
                changed.append(cpu(client, address, pid))
            told[f"{name}_kept_ms"] = round(statistics.mean(kept), 1)
            told[f"{name}_changed_ms"] = round(statistics.mean(changed), 1)
    return told


def fill(owner_url):
    """An officer and a park operator, both with the consent of every firm."""
    import psycopg
    from django.test import Client

    from techflow_service.platform.models import ConsentText, Membership, Organisation, Person

    ConsentText.objects.using("owner").create(
        version="bench", since_on="2026-01-01", text_zh="同意", text_en="Agreed"
    )
    orgs, clients = {}, {}
    for role, name, kind in (("credit_officer", "officer", "bank"), ("park", "park", "park")):
        org = orgs[name] = Organisation.objects.using("owner").create(
            kind=kind, name_zh=name, name_en=name
        )
        person = Person.objects.using("owner").create(username=name)
        Membership.objects.using("owner").create(person=person, org=org, role=role)
        clients[name] = Client()
        clients[name].force_login(
            person, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
    with psycopg.connect(owner_url, autocommit=True) as connection:
        firms = FILL.replace(":n", str(FIRMS_N)).replace(":org", str(orgs["officer"].pk))
        connection.execute(firms.encode())
        connection.execute(MORE.replace(":park", str(orgs["park"].pk)).encode())
    return clients


def cpu(client, address, pid):
    """Processor time of one page, here and in the database's process."""
    before = time.process_time(), backend_ms(pid)
    assert client.get(address).status_code == 200
    return round(1000 * (time.process_time() - before[0]) + backend_ms(pid) - before[1], 1)


def backend_ms(pid):
    """Processor time of a process so far, in steps of 10 ms."""
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return 1000 * sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
