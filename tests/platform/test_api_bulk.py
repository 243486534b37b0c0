"""Files sent through the API: scored or imported by the worker, fetched by who sent them."""

import io

import polars as pl
import psycopg
import pytest
from tests.platform.callers import Caller, is_problem

ROWS = "firm_id,country,leverage_ratio\n=cmd(),KR,0.4\nkr:2,CN,0.2\n"
FIRMS = "firm_id,country,name\nown:1,CN,示范科技有限公司\n,CN,无编号\n"


def send(call, files, kind="score", key="k1"):
    return call.send(f"jobs/{kind}", {"form": "csv"} | files, key)


@pytest.fixture
def officer(world):
    return Caller(world, world.member("credit_officer"))


@pytest.fixture
def operator(world):
    return Caller(world, world.member("operator"))


@pytest.fixture
def work(web_url):
    from techflow_service.platform.jobs.bulk import work_through

    return lambda call, job: work_through.func(job, call.member.pk)


def test_a_file_is_scored_as_the_command_scores_it(officer, work, tmp_path):
    from techflow_service.cards import load_card, load_scale
    from techflow_service.scoring import read_rows, score_rows

    told = send(officer, {"card": "korea-distress", "file": ("x.csv", ROWS.encode())})
    assert (told.status_code, told.json()["state"]) == (202, "waiting")
    job = told.json()["job"]
    is_problem(officer("GET", f"jobs/{job}/result.csv"), 404)
    work(officer, job)
    work(officer, job)
    done = officer("GET", f"jobs/{job}").json()
    assert (done["state"], done["rows_n"], done["done_n"]) == ("done", 2, 2)
    found = pl.read_csv(io.BytesIO(officer("GET", f"jobs/{job}/result.csv").content))
    path = tmp_path / "x.csv"
    path.write_text(ROWS)
    expected = score_rows(read_rows(path), load_card("korea-distress"), load_scale(), explain=True)
    assert found["firm_id"].to_list() == ["'=cmd()", "kr:2"]
    assert found["reason_code"].to_list() == expected["reason_code"].to_list()
    assert sum(done["summary"]["not_scored"].values()) == expected["reason_code"].count()


def test_a_file_of_no_bytes_is_refused_by_name(officer):
    told = send(officer, {"card": "korea-distress", "file": ("x.csv", b"")})
    is_problem(told, 422)
    assert [one["where"] for one in told.json()["errors"]] == ["file.file"]


def test_evidence_is_imported_and_the_rest_told(operator, work, tmp_path, monkeypatch):
    from techflow_service.store import Store

    monkeypatch.setenv("TECHFLOW_STORE", str(tmp_path / "store"))
    files = {"table": "firm", "file": ("any.csv", FIRMS.encode())}
    job = send(operator, files, "import").json()["job"]
    work(operator, job)
    told = operator("GET", f"jobs/{job}").json()
    assert (told["state"], told["summary"]["rows_n"], told["summary"]["kept_n"]) == ("done", 2, 1)
    result = pl.read_csv(io.BytesIO(operator("GET", f"jobs/{job}/result.csv").content))
    assert result["source_row_n"].to_list() == [2]
    stored = Store.open(tmp_path / "store").snapshot().scan("firm").collect()
    assert stored["firm_id"].to_list() == ["own:1"]


@pytest.mark.parametrize(
    ("card", "content"),
    [
        ("us-bankruptcy", b"a,b\n1,2\n"),
        ("korea-distress", b"\x00\xff\xfe"),
        ("korea-growth", b"\n"),
    ],
)
def test_a_file_of_another_kind_fails_and_says_why(officer, work, card, content):
    job = send(officer, {"card": card, "file": ("x.csv", content)}).json()["job"]
    work(officer, job)
    told = officer("GET", f"jobs/{job}").json()
    assert told["state"] == "failed"
    assert told["problem"]["detail"]


def test_a_job_is_seen_by_nobody_else(officer, work, world, web_url):
    job = send(officer, {"card": "korea-distress", "file": ("x.csv", ROWS.encode())}).json()["job"]
    colleague = Caller(world, world.member("credit_officer", officer.member.org))
    is_problem(colleague("GET", f"jobs/{job}"), 404)
    assert colleague("GET", "jobs").json()["rows"] == []
    work(colleague, job)
    assert officer("GET", f"jobs/{job}").json()["state"] == "waiting"
    with psycopg.connect(web_url) as connection:
        assert connection.execute("SELECT count(*) FROM platform_filejob").fetchone() == (0,)


def test_the_queue_holds_neither_names_nor_ids_of_firms(officer, owner_url):
    job = send(officer, {"card": "korea-distress", "file": ("x.csv", ROWS.encode())}).json()["job"]
    with psycopg.connect(owner_url) as connection:
        words = "SELECT args FROM procrastinate_jobs WHERE args->>'number' = %s"
        (args,) = connection.execute(words, [job]).fetchone()
    assert args == {"number": job, "membership_id": officer.member.pk}


@pytest.mark.parametrize(
    "files",
    [{"card": "none", "file": ("x.csv", b"a")}, {"card": "korea-distress"},
     {"card": "korea-distress", "form": "exe", "file": ("x.csv", b"a")},
     {"card": "korea-distress", "file": "a"},
     {"card": "korea-distress", "more": "1", "file": ("x.csv", b"a")}],
)  # fmt: skip
def test_what_cannot_be_worked_through_is_refused_at_once(officer, files):
    is_problem(send(officer, files), 422, "invalid")
    assert officer("GET", "jobs").json()["rows"] == []


def test_pages_of_jobs_hold_each_once(officer):
    made = [
        send(officer, {"card": "korea-distress", "file": ("x.csv", b"a")}, key=f"n{n}").json()[
            "job"
        ]
        for n in range(5)
    ]
    found, after = [], ""
    while after is not None:
        page = officer("GET", "jobs?limit=2" + (f"&after={after}" if after else "")).json()
        found += [row["job"] for row in page["rows"]]
        after = page["after"]
    assert found == made[::-1]


def test_an_import_is_for_the_operator_and_agencies(officer):
    is_problem(send(officer, {"table": "firm", "file": ("x.csv", b"a")}, "import"), 403)


def test_a_browser_writes_with_the_token_of_its_form_only(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    member = world.member("credit_officer")
    client.force_login(member.person, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/api/v1/jobs/score", headers={"Idempotency-Key": "a"})
    is_problem(answer, 403, "csrf")


def test_a_body_without_end_is_refused(officer, monkeypatch):
    monkeypatch.setattr("techflow_service.platform.access.BODY_BYTES_MAX", 10)
    is_problem(send(officer, {"card": "korea-distress", "file": ("x.csv", b"a")}), 413)


def test_a_file_is_begun_anew_when_the_database_went_away(officer, work, owner_url, monkeypatch):
    from django.db import InterfaceError, OperationalError, connections

    from techflow_service.platform import bulk_work
    from techflow_service.platform.jobs.bulk import work_through

    job = send(officer, {"card": "korea-distress", "file": ("x.csv", ROWS.encode())}).json()["job"]
    whole = bulk_work.work_on

    def cut(*told):
        with psycopg.connect(owner_url) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
                ["techflow_web"],
            )
        return whole(*told)

    with monkeypatch.context() as patch:
        patch.setattr(bulk_work, "work_on", cut)
        with pytest.raises((InterfaceError, OperationalError)) as lost:
            work(officer, job)
    connections.close_all()
    assert isinstance(lost.value, tuple(work_through.retry_strategy.retry_exceptions))
    assert officer("GET", f"jobs/{job}").json()["state"] == "running"
    work(officer, job)
    assert officer("GET", f"jobs/{job}").json()["state"] == "done"
