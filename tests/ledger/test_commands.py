"""The command line over a database of its own: start, post, verify, balance, stop."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from tests.ledger.conftest import PAPERS
from tests.ledger.writer import papers

from techflow.basics import InvalidInput, TechflowError
from techflow_service.cli import techflow
from techflow_service.ledger import Books, Request, verify
from techflow_service.ledger.driver import connect
from techflow_service.ledger.embedded import find_server, start_server
from techflow_service.ledger.migrate import Migration, migrate, read_migrations
from techflow_service.ledger.reading import read_request
from techflow_service.ledger.replay import Replay
from techflow_service.ledger.verify import prove_pool

BASE = {"actor": "a", "evidence_hash": PAPERS, "rule_version": "v1", "on": "2026-06-30"}


def line(key, route, **fields):
    told = {"key": key, "pool_id": "anhui", "route": route, **BASE, **fields}
    return json.dumps(told, ensure_ascii=False)


LINES = [
    line("1", "open", detail={"caps": {"pool": 500}, "notice_days": 5}),
    line("2", "deposit", amounts={"省级": 1_000}),
    "",
    line("3", "file", claim_id="c", state="filed", **papers("file", "filed"),
         detail={"firm_id": "f", "bank_id": "b", "loan_id": "l"}),
]  # fmt: skip


def run(*argv, code=0):
    done = CliRunner(env={"DATABASE_URL": None}).invoke(techflow, list(map(str, argv)))
    assert done.exit_code == code, (done.output, done.exception)
    return done


def test_from_start_to_stop(tmp_path):
    folder = Path(tempfile.mkdtemp(prefix="tfdb")) / "db"
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(LINES), "utf8")
    where = ["--db", folder]
    try:
        assert run("db", "status", *where, code=1).output == "not running\n"
        assert run("db", "stop", *where).output == "none was running\n"
        first = run("pool", "post", file, *where).output
        assert len(first.splitlines()) == 3
        assert "省级" in first
        assert json.loads(run("db", "status", *where, "--json").output)["running"]
        assert run("pool", "post", file, *where).output == first
        assert "pool anhui is whole; 3 entries" in run("pool", "verify", *where).output
        assert "available  省级" in run("pool", "balance", "anhui", *where).output
        (proof,) = json.loads(run("pool", "verify", "--json", *where).output)
        noted = ["--pool", "anhui", "--head", 3]
        run("pool", "verify", *where, *noted, proof["head_hash"])
        assert "head_differs" in run("pool", "verify", *where, *noted, "0" * 64, code=1).output
        assert run("db", "stop", *where).output == "stopped\n"
        assert find_server(folder) is None
        told = json.loads(run("pool", "balance", "anhui", *where, "--json").output)
        assert told["head_hash"] == proof["head_hash"]
        taking = [line(f"4.{fen}", "withdraw", amounts={"省级": fen}) for fen in (1, 1_000, 2)]
        file.write_text("\n".join(taking), "utf8")
        failed = run("pool", "post", file, *where, code=1)
        assert isinstance(failed.exception, InvalidInput)
        assert "line 2: overdraft" in str(failed.exception)
        assert len(failed.output.splitlines()) == 1
        assert "whole; 4 entries" in run("pool", "verify", *where).output
    finally:
        run("db", "stop", *where)
        shutil.rmtree(folder.parent)


def test_a_running_server_by_its_url():
    """An older PostgreSQL, reached as `psql` reaches it; skipped loudly where none answers."""
    names = {"host": "PGHOST", "user": "PGUSER", "dbname": "PGDATABASE"}
    given = {"host": "127.0.0.1", "user": "postgres", "dbname": "test"}
    given |= {name: os.environ[env] for name, env in names.items() if env in os.environ}
    try:
        admin = psycopg.connect(**given, autocommit=True)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL: {error}")
    name = f"techflow_ledger_{os.getpid()}"
    admin.execute(f"CREATE DATABASE {name}")
    try:
        url = f"postgresql://{given['user']}@{given['host']}/{name}"
        books = Books.open(url, tenant="main")
        for text in filter(None, LINES):
            books.post(read_request(text), psycopg_now(books))
        assert [proof.faults for proof in verify(books.connection, tenant="main")] == [[]]
        assert "pool anhui is whole" in run("pool", "verify", "--database-url", url).output
        books.close()
    finally:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.close()


def psycopg_now(books):
    return books.connection.execute("SELECT now()").fetchone()[0]


def test_migrations_run_once_and_stay_as_they_were(server):
    connection = connect(server)
    with connection.transaction(force_rollback=True):
        connection.execute("DROP SCHEMA IF EXISTS ledger CASCADE")
        steps = read_migrations()
        assert migrate(connection) == len(steps)
        assert migrate(connection) == 0
        more = (*steps, Migration(len(steps) + 1, "x.sql", "0" * 64, "CREATE TABLE x (n int)"))
        assert migrate(connection, more) == 1
        with pytest.raises(TechflowError, match="use the newer techflow"):
            migrate(connection)
        changed = (more[0]._replace(sha256="1" * 64), *more[1:])
        with pytest.raises(TechflowError, match=f"{more[0].name} was run with sha256"):
            migrate(connection, changed)
    connection.close()


OLD_POST = """SELECT post(ROW('old', 0, 't', %s::text, %s::text, %s::text, NULL, NULL, '{}', '{}',
    %s::text, %s::text, %s::text, repeat('a', 64), 'v', '2026-01-01'::date, now(), %s::text, '', ''
    )::entry, %s::text[])"""


def test_books_from_before_four_eyes_learn_who_moved_a_claim(server):
    who = '{"firm_id":"f","bank_id":"b","loan_id":"l"}'
    connection = connect(server)
    with connection.transaction(force_rollback=True):
        connection.execute("DROP SCHEMA IF EXISTS ledger CASCADE")
        migrate(connection, read_migrations()[:2])
        for values in (
            ("1", "f1", "open", None, None, "Zhao", '{"caps":{}}', []),
            ("2", "f2", "file", "c", "filed", "Li", who, []),
            ("3", "f3", "move", "c", "admitted", "Wang", "{}", ["filed"]),
        ):
            connection.execute(OLD_POST, values)
        migrate(connection)
        actors = connection.execute("SELECT actors FROM claim").fetchone()[0]
        assert actors == {"filed": ["Li"], "admitted": ["Wang"]}
        assert prove_pool(connection, Replay("old")).faults == []
    connection.close()


def test_a_failing_migration_leaves_nothing(server):
    connection = connect(server)
    migrate(connection)
    steps = (*read_migrations(), Migration(99, "bad.sql", "0" * 64, "CREATE TABLE y (n int); no"))
    before = connection.execute("SELECT count(*) FROM migration").fetchone()
    with pytest.raises(psycopg.Error):
        migrate(connection, steps)
    assert connection.execute("SELECT count(*) FROM migration").fetchone() == before
    assert connection.execute("SELECT to_regclass('ledger.y')").fetchone() == (None,)
    connection.close()


def test_migrations_are_numbered_without_gaps(tmp_path):
    (tmp_path / "0002_late.sql").write_text("")
    with pytest.raises(InvalidInput, match="0002_late"):
        read_migrations(tmp_path)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[1]", "must be a JSON object"),
        ("{", "must be a JSON object"),
        ("{}", "missing: actor, evidence_hash, key"),
        (line("1", "deposit", colour="red"), "unknown: colour"),
        (line("1", "deposit", on="tomorrow"), "on must be a day"),
        (line("1", "deposit", amounts=[1]), "amounts must be an object"),
        ('{"key": "a", "key": "b"}', "stands twice"),
    ],
)
def test_a_line_that_is_no_request_says_why(text, wrong):
    with pytest.raises(InvalidInput, match=wrong):
        read_request(text)


def test_a_request_is_read_as_written():
    assert read_request(LINES[1]).amounts == {"省级": 1_000}
    assert isinstance(read_request(LINES[1]), Request)


def test_no_server_says_what_to_do():
    with pytest.raises(TechflowError, match="techflow db start"):
        connect("postgresql://nobody@127.0.0.1:1/none")


def test_a_folder_too_deep_for_a_socket_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="choose a shorter path"):
        start_server(tmp_path / ("x" * 100))


def test_without_the_driver_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidInput, match="techflow\\[ledger\\]"):
        connect("postgresql://x")
