"""Starting the platform: what is kept, what is refused, what is started again."""

import json
import logging
import os
import re
import socket
import stat
import sys
import time
from pathlib import Path

import psycopg
import pytest

from techflow.basics import InvalidInput
from techflow_service.platform.keeping import check_port, keys_of, sole
from techflow_service.platform.processes import Process, Program

SLEEP = "import time; time.sleep(60)"
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "{SLEEP}"])
print(child.pid, flush=True)
child.wait()
"""
CASTS = re.compile(r"::[a-z ]+(\[\])?|[()\[\]\s]")
"""Conditions that were read back carry the same words with other casts and brackets."""


def test_keys_are_drawn_once_and_for_their_owner_alone(tmp_path):
    keys = keys_of(tmp_path / "platform")
    assert keys_of(tmp_path / "platform") == keys
    mode = (tmp_path / "platform" / "keys.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert len(keys.secret) >= 50
    assert [one.name for one in (tmp_path / "platform").iterdir()] == ["keys.json"]
    (tmp_path / "platform" / "keys.json").write_text("{}")
    with pytest.raises(InvalidInput, match=r"keys\.json"):
        keys_of(tmp_path / "platform")


def test_a_folder_is_served_once_at_a_time(tmp_path):
    with sole(tmp_path), pytest.raises(InvalidInput, match=str(os.getpid())), sole(tmp_path):
        pass
    with sole(tmp_path):
        pass


def test_a_port_in_use_is_refused_in_words():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInput, match="--port"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_what_dies_is_begun_anew_and_what_keeps_dying_is_given_up(monkeypatch):
    from techflow_service.platform import processes

    monkeypatch.setattr(processes, "WAIT_MAX_SECONDS", 0.01)
    sleeper = Process(Program("sleeper", [sys.executable, "-c", SLEEP], dict(os.environ)))
    first = sleeper.running.pid
    sleeper.running.kill()
    sleeper.running.wait()
    while sleeper.running.poll() is not None:
        assert sleeper.look()
        time.sleep(0.01)
    assert sleeper.running.pid != first
    sleeper.stop()
    dying = Process(Program("dying", ["/bin/false"], dict(os.environ)))
    while dying.look():
        time.sleep(0.01)
    assert dying.deaths_n == processes.DEATHS_MAX + 1


def _lives(pid):
    """A child that nobody waited for yet is dead all the same."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", ["it was killed", "it is stopped"])
def test_what_a_program_started_ends_with_it(tmp_path, how):
    told = tmp_path / "pid"
    command = ["/bin/sh", "-c", 'exec "$0" -c "$1" > "$2"', sys.executable, PARENT, str(told)]
    parent = Process(Program("parent", command, dict(os.environ)))
    while not (told.is_file() and told.read_text().strip()):
        time.sleep(0.01)
    child = int(told.read_text())
    assert _lives(child)
    if how == "it was killed":
        parent.running.kill()
        parent.running.wait()
        assert parent.look()
    else:
        parent.stop()
    until = time.monotonic() + 10
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _lives(child)
    parent.stop()


@pytest.fixture
def told(caplog):
    """Lines of the log as they would be written."""
    from techflow_service.platform.lines import Lines

    caplog.set_level("INFO", "techflow")
    return lambda: [json.loads(Lines().format(one)) for one in caplog.records]


def test_logs_and_figures_name_no_person_and_no_firm(world, told):
    run, bank = world.run(), world.org()
    firm_id = world.firm(run)
    world.consent(firm_id, bank)
    member = world.member("credit_officer", bank)
    client = world.client(member)
    answer = client.get(f"/firms/{firm_id}?q=secret", headers={"X-Request-ID": "abcdefgh-1"})
    assert answer.headers["X-Request-ID"] == "abcdefgh-1"
    odd = client.get("/health", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"]
    assert len(odd) == 32
    lines = told()
    line = next(one for one in lines if one.get("request") == "abcdefgh-1")
    assert (line["route"], line["status"], line["method"]) == ("firm", 200, "GET")
    text = json.dumps(lines) + client.get("/metrics").content.decode()
    for secret in (firm_id, "secret", member.person.username, bank.name_zh):
        assert secret not in text
    assert 'techflow_answers_total{route="firm",status="200"}' in text


def test_faults_are_told_by_place_and_never_by_their_words(told):
    log = logging.getLogger("techflow.test")
    try:
        raise ValueError("深圳锐维")
    except ValueError:
        log.exception("broken")
    (line,) = told()
    assert line["fault"] == "ValueError"
    assert "test_serving.py" in line["at_lines"][0]
    assert "锐维" not in json.dumps(line, ensure_ascii=False)


def test_health_and_who_may_read_the_figures(world, monkeypatch):
    client = world.client()
    for address in ("/health/live", "/health/ready", "/metrics"):
        assert client.get(address).status_code == 200, address
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    monkeypatch.setenv("TECHFLOW_METRICS_TOKEN", "long enough")
    assert client.get("/metrics").status_code == 404
    allowed = {"Authorization": "Bearer long enough"}
    assert client.get("/metrics", headers=allowed, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_a_restored_database_holds_the_same_rows_and_the_same_guards(
    world, web_url, owner_url, tmp_path
):
    from techflow_service.ledger.backing import backup, restore

    world.consent(world.firm(world.run()), world.org())
    file = tmp_path / "all.dump"
    assert backup(owner_url, file) > 10_000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(InvalidInput, match="there already"):
        backup(owner_url, file)
    with pytest.raises(InvalidInput, match="empty one"):
        restore(owner_url, file, ["techflow_web"])
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE again TEMPLATE template0")
    again = owner_url.replace("/postgres?", "/again?")
    restore(again, file, ["techflow_web"])
    for restored, original in zip(contents(again), contents(owner_url), strict=True):
        assert restored == original
    web_again = psycopg.conninfo.make_conninfo(web_url, dbname="again")
    with psycopg.connect(web_again) as connection:
        assert connection.execute("SELECT count(*) FROM platform_firm").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM platform_reading")
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE again")


def contents(url):
    """Fingerprint of every table's rows, with policies, rights and triggers."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()
        rows = {
            name: connection.execute(
                f"SELECT count(*), md5(string_agg(one::text, '|' ORDER BY one::text))"
                f" FROM {name} AS one"
            ).fetchone()
            for name, *_ in tables
        }
        guards = connection.execute(
            "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
        ).fetchall()
        guards = [tuple(CASTS.sub("", word or "") for word in row) for row in guards]
        triggers = connection.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
            " ORDER BY 1, 2"
        ).fetchall()
        triggers = [(name, CASTS.sub("", told)) for name, told in triggers]
    assert len(guards) > 10 and rows["platform_consent"][0] > 0
    return tables, rows, guards, triggers


@pytest.mark.parametrize("words", [["--port", "99999"], ["--port", "0"], ["--workers", "0"]])
def test_a_port_or_number_that_cannot_be_is_refused_before_anything_starts(words, tmp_path):
    from click.testing import CliRunner

    from techflow_service.cli import techflow

    told = CliRunner().invoke(techflow, ["serve", "--db", str(tmp_path / "db"), *words])
    assert told.exit_code == 2
    assert "is not in the range" in told.output
    assert not (tmp_path / "db").exists()


@pytest.mark.parametrize(
    "words", [["serve"], ["user", "list"], ["jobs", "list"], ["pool", "verify"]]
)
def test_a_server_that_does_not_answer_is_told_in_words(words, tmp_path):
    from click.testing import CliRunner

    from techflow_service.cli import techflow

    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    told = CliRunner().invoke(techflow, [*words, "--db", str(tmp_path), "--database-url", nowhere])
    assert told.exit_code
    assert "the database cannot be reached" in str(told.exception)
    assert "DATABASE_URL" in str(told.exception)
