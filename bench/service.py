"""How fast the platform answers with 100,000 firms, as an open loop of callers finds it.

Callers do not wait for one another: pages are asked for at fixed moments, 50 a second for 20 s,
and a page that comes late counts from the moment it was due. Four pages in five are the list of
firms (every order, filters, search, later pages), one in five a firm.
"""

import gzip
import http.client
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.bulk_scoring import measure_bulk

FIRMS_N = int(os.environ.get("BENCH_FIRMS", "100000"))
PAGES_A_SECOND, SECONDS, CALLERS = 50, 20, 64
PORT = 8931
TABLES = (
    *("/firms", "/firms?sort=grade", "/firms?sort=rate_pa", "/firms?sort=flow_score"),
    *("/firms?sort=name", "/firms?grade=TF3", "/firms?verdict=expert", "/firms?region=44"),
    *("/firms?q=gongsi123", "/firms?q=公司4567", "/firms?after=500000.0%7Cbench:50000"),
)
# No triggers meanwhile: a trail of 100,000 consents in one statement takes minutes, as each call of
# the trail's trigger opens subtransactions that the statement carries to its end.
FILL = """
SET session_replication_role = replica;
INSERT INTO platform_run (as_of, loaded_at, record) VALUES ('2026-07-31', now(), '{}');
INSERT INTO platform_firm (firm_id, uscc, name, name_en, country, region_code, city, sector,
    industry_code)
SELECT 'bench:' || n, '', '示例公司' || n, '', 'CN', (11 + n % 40) || '0100', '', '软件', 'I65'
FROM generate_series(1, :n) AS n;
INSERT INTO platform_standing (run_id, firm_id, name, search, region_code, city, sector,
    life_stage, verdict, grade, grade_rank, pd, pd_basis, currency, limit_lcy, rate_pa,
    debt_outstanding_lcy, flow_score, patent_value_median_cny, evidence_on)
SELECT (SELECT max(id) FROM platform_run), 'bench:' || n, '示例公司' || n,
    '示例公司' || n || ' gongsi' || n, (11 + n % 40) || '0100', '', '软件', 'growth',
    (ARRAY['graded', 'expert', 'insufficient'])[1 + n % 3], 'TF' || 1 + n % 10, 1 + n % 10,
    0.001 * (1 + n % 97), 'prediction', 'CNY',
    CASE WHEN n % 5 > 0 THEN 10.0 * (n * 7919 % 100003) END,
    0.03 + 0.0001 * (n % 503), NULL, CASE WHEN n % 4 > 0 THEN (n * 31 % 1000) / 10.0 END,
    CASE WHEN n % 6 > 0 THEN n * 17.0 END, '2026-06-01'
FROM generate_series(1, :n) AS n;
INSERT INTO platform_consent (firm_id, org_id, purpose, parts, text_id, basis, since_at, until_at)
SELECT 'bench:' || n, :org, 'credit', '{identity,grade,technology,patents,cash,network,'
    'qualification,plan,evidence}', 'bench', '', now(), now() + interval '1 year'
FROM generate_series(1, :n) AS n;
ANALYZE;
"""
SHEETS = """
INSERT INTO platform_sheet (run_id, firm_id, part, body)
SELECT (SELECT max(id) FROM platform_run), 'bench:' || dense_rank() OVER (ORDER BY firm_id), part,
    body
FROM platform_sheet WHERE (run_id, firm_id) IN (SELECT run_id, firm_id FROM platform_standing
    WHERE limit_lcy IS NOT NULL AND firm_id LIKE 'sample:%'
    AND run_id = (SELECT id FROM platform_run WHERE record <> '{}' ORDER BY as_of DESC LIMIT 1));
ANALYZE;
"""


def main():
    """Measure and print one JSON object last."""
    from techflow_service.ledger.embedded import start_server, stop_server
    from techflow_service.platform.starting import Platform

    home = Path(tempfile.mkdtemp(prefix="tfsv"))
    try:
        platform = Platform.prepare(start_server(home / "db"), home / "platform")
        platform.load_demo(home / "demo")
        cookie, firm_ids, key = fill(platform)
        print(json.dumps(measure(platform, home, (cookie, key), firm_ids)))
    finally:
        stop_server(home / "db")
        shutil.rmtree(home, ignore_errors=True)


def fill(platform):
    """Firms that all agreed, sheets of the demo for the first of them, and one officer."""
    import psycopg

    from techflow_service.platform.models import ConsentText, Membership, Organisation, Person

    org = Organisation.objects.using("owner").create(kind="bank", name_zh="行", name_en="Bank")
    ConsentText.objects.using("owner").create(
        version="bench", since_on="2026-01-01", text_zh="同意", text_en="Agreed"
    )
    person = Person(username="officer")
    person.set_unusable_password()
    person.save(using="owner")
    member = Membership.objects.using("owner").create(person=person, org=org, role="credit_officer")
    with psycopg.connect(platform.owner_url, autocommit=True) as connection:
        connection.execute(FILL.replace(":n", str(FIRMS_N)).replace(":org", str(org.pk)).encode())
    return session_of(person), sheets(platform), key_of(member)


def key_of(member):
    """A key for files."""
    from datetime import UTC, datetime, timedelta

    from techflow_service.platform.api.keys import digest_of
    from techflow_service.platform.models import ApiKey

    ApiKey.objects.using("owner").create(
        person_id=member.person_id, membership=member, digest=digest_of("tf_bench"),
        scopes=["bulk"], expires_at=datetime.now(UTC) + timedelta(days=1),
    )  # fmt: skip
    return "tf_bench"


def sheets(platform):
    """The demo's own sheets, carried by the first firms of the book."""
    import psycopg

    with psycopg.connect(platform.owner_url, autocommit=True) as connection:
        connection.execute(SHEETS.encode())
        found = connection.execute(
            "SELECT DISTINCT firm_id FROM platform_sheet WHERE firm_id LIKE 'bench:%'"
        ).fetchall()
    return [firm_id for (firm_id,) in found]


def session_of(person):
    """A cookie of someone who signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return f"sessionid={session.session_key}; language=zh"


def measure(platform, home, caller, firm_ids):
    """One run of the open loop, single pages for their weight, then a file with a worker."""
    (cookie, key), begun = caller, time.perf_counter()
    told = {name: value for name, value in os.environ.items() if name != "TECHFLOW_OWNER_URL"}
    server = subprocess.Popen([*platform.command("127.0.0.1", PORT, 2)], env=told)
    try:
        wait_for("/health")
        cold = time.perf_counter() - begun
        for address in (*TABLES, f"/firms/{firm_ids[0]}"):
            ask(address, cookie)
        before = cpu_seconds(server.pid, home)
        answers = loop(cookie, firm_ids)
        cpu = cpu_seconds(server.pid, home) - before
        rss = sum(map(rss_mb, children(server.pid)))
        weights = [weight(address, cookie) for address in (TABLES[0], f"/firms/{firm_ids[0]}")]
        bulk = with_worker(lambda: measure_bulk(PORT, key))
    finally:
        server.terminate()
        server.wait()
    tables = sorted(ms for kind, ms, _ in answers if kind == "table")
    firms = sorted(ms for kind, ms, _ in answers if kind == "firm")
    return {
        "firms_n": FIRMS_N,
        "pages_n": len(answers),
        "errors": sum(status != 200 for _, _, status in answers),
        "table_p50_ms": round(statistics.median(tables), 1),
        "table_p99_ms": round(tables[int(0.99 * len(tables))], 1),
        "firm_p50_ms": round(statistics.median(firms), 1),
        "firm_p99_ms": round(firms[int(0.99 * len(firms))], 1),
        "cpu_ms_a_page": round(1000 * cpu / len(answers), 1),
        "table_page_kb_gz": weights[0],
        "firm_page_kb_gz": weights[1],
        "cold_start_s": round(cold, 2),
        "rss_mb": round(rss),
        **bulk,
    }


def with_worker(work):
    """What is measured while a worker runs; the pages were measured without."""
    worker = subprocess.Popen([sys.executable, "-m", "techflow_service.platform.jobs"])
    try:
        return work()
    finally:
        worker.terminate()
        worker.wait()


def loop(cookie, firm_ids):
    """Pages at fixed moments; each answer with its kind, its delay in ms and its status."""
    kinds = itertools.cycle(["table", "table", "firm", "table", "table"])
    tables, firms = itertools.cycle(TABLES), itertools.cycle(firm_ids)
    due = time.perf_counter() + 0.5
    jobs = []
    with ThreadPoolExecutor(CALLERS) as callers:
        for number in range(PAGES_A_SECOND * SECONDS):
            kind = next(kinds)
            address = next(tables) if kind == "table" else f"/firms/{next(firms)}"
            moment = due + number / PAGES_A_SECOND
            time.sleep(max(0.0, moment - time.perf_counter()))
            jobs.append((kind, callers.submit(call, address, cookie, moment)))
        return [(kind, *job.result()) for kind, job in jobs]


def call(address, cookie, due):
    """Delay since it was due, and status; 0 if there was no answer."""
    try:
        status, _ = ask(address, cookie)
    except OSError:
        status = 0
    return 1000 * (time.perf_counter() - due), status


def ask(address, cookie=""):
    """Status and body of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    try:
        path = "".join(
            one if ord(one) < 128 else "%" + "%".join(f"{b:02X}" for b in one.encode())
            for one in address
        )
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def weight(address, cookie):
    """Kilobytes of a page with the style and scripts it loads, gzip."""
    _, page = ask(address, cookie)
    names = ["platform.css", "platform.js"] + ["charts.js"] * (b"<figure" in page)
    files = [page, *(ask(f"/assets/{name}")[1] for name in names)]
    return round(sum(len(gzip.compress(one, 6)) for one in files) / 1000, 1)


def wait_for(address):
    """Until it answers, a minute at most."""
    for _ in range(6000):
        try:
            if ask(address)[0] == 200:
                return
        except OSError:
            time.sleep(0.01)
    sys.exit("the server does not answer")


def cpu_seconds(pid, home):
    """Processor time of the web server and of the database so far, ended processes included."""
    postmaster = int((home / "db" / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for one in {*children(pid), *children(postmaster)}:
        words = Path(f"/proc/{one}/stat").read_text().rsplit(") ", 1)[1].split()
        ticks += sum(map(int, words[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid):
    """A process and all below it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def rss_mb(pid):
    """Memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
