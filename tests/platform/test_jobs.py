"""Work behind the pages: done once, done again when a worker died, ordered by whom it is for."""

import os

import psycopg
import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput


@pytest.fixture(scope="module")
def ordering(web_url, owner_url):
    os.environ["TECHFLOW_OWNER_URL"] = owner_url
    from techflow_service.platform import ordering

    return ordering


@pytest.fixture
def assessed(tmp_path, write_run):
    """The smallest folder that `techflow assess` could have written."""
    return write_run(tmp_path)


def runs(owner_url):
    with psycopg.connect(owner_url) as connection:
        words = "SELECT count(*) FROM platform_run WHERE as_of = '2001-01-31'"
        return connection.execute(words).fetchone()[0]


def test_a_load_is_done_and_a_dead_worker_s_load_is_done_again_once(ordering, assessed, owner_url):
    from techflow_service.platform.working import work

    before = runs(owner_url)
    job = ordering.order("load", "owner", folder=str(assessed))
    work(wait=False, queues=["owner"])
    done = job.again()
    assert (done.state, done.ended) == ("succeeded", True)
    assert done.done_n == done.total_n > 0
    with psycopg.connect(owner_url) as connection:  # as a worker that was killed leaves it
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE id = %s",
            [job.job_id],
        )
    assert not job.again().ended
    retry(owner_url)
    work(wait=False, queues=["owner"])
    assert job.again().state == "succeeded"
    assert runs(owner_url) == before + 1


def retry(owner_url):
    """The worker's own regular check, once."""
    import asyncio
    from types import SimpleNamespace

    from techflow_service.platform.jobs.stalled import begin_anew
    from techflow_service.platform.working import owner_app

    with owner_app() as app:

        async def check():
            async with app.open_async():
                await begin_anew.func(SimpleNamespace(app=app), 0)

        asyncio.run(check())


def test_a_load_that_cannot_be_done_fails_and_says_so(ordering, tmp_path):
    from techflow_service.platform.working import work

    job = ordering.order("load", "owner", folder=str(tmp_path / "nothing"))
    work(wait=False, queues=["owner"])
    assert job.again().state == "failed"


def test_web_processes_cannot_order_what_is_the_owner_s(ordering, web_url):
    words = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
        " VALUES ('owner', 'load', 'todo')",
        "SELECT 1 / count(*) FROM procrastinate_jobs WHERE queue_name = 'owner'",
    )
    with psycopg.connect(web_url) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(words[0])
        connection.rollback()
        connection.execute(words[1])
        moved = connection.execute(
            "UPDATE procrastinate_jobs SET queue_name = 'people' WHERE queue_name = 'owner'"
        )
        assert moved.rowcount == 0


def test_people_come_and_go(world, owner_url):
    from techflow_service.platform import people

    bank = world.org()
    seat = people.Seat("wang", "credit_officer", bank.name_zh)
    assert not seat.known
    with pytest.raises(InvalidInput):
        people.add(seat, "short")
    people.add(seat, "correct horse battery")
    assert seat.known
    with pytest.raises(InvalidInput, match="already"):
        people.add(seat, None)
    member = world.models.Membership.objects.using("owner").get(person__username="wang")
    client = world.client(member)
    assert client.get("/firms").status_code == 200
    assert people.end("wang", None) == 1
    assert client.get("/firms").status_code == 403
    ended = [row["ended_at"] for row in people.everyone() if row["username"] == "wang"]
    assert len(ended) == 1 and ended[0]


@pytest.mark.parametrize(
    ("seat", "said"),
    [
        ({"org": "没有这个机构"}, "--org-en"),
        ({"org": "新企业", "org_en": "New", "kind": "firm"}, "--firm"),
        ({"org": "未曾开户的银行", "org_en": "New", "kind": "bank", "firm": "cn:1"}, "--firm"),
    ],
)
def test_wrong_seats_are_refused(world, seat, said):
    from techflow_service.platform import people

    with pytest.raises(InvalidInput, match=said):
        people.add(people.Seat(username="nobody", role="firm", **seat), "correct horse battery")
    with pytest.raises(InvalidInput, match="nobody"):
        people.end("nobody", None)


def test_the_password_is_asked_for_and_never_an_option():
    from techflow_service.cli import techflow
    from techflow_service.cli.user import user

    for name, command in user.commands.items():
        assert not [one for one in command.params if "password" in (one.name or "")], name
    refused = CliRunner().invoke(techflow, ["user", "add", "x", "--role", "king", "--org", "y"])
    assert refused.exit_code == 2
