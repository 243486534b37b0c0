"""A load makes the sums of its run before anybody asks, and stands if it cannot."""

import os
from datetime import date

import psycopg
import pytest

KEPT = "SELECT cells FROM unnest(kept_totals(%s, %s, 'credit')) AS cells"
RUN = "SELECT max(id) FROM platform_run WHERE record ->> 'of' = %s"
RENAME = "ALTER FUNCTION {}(bigint, bigint, text) RENAME TO {}"


@pytest.fixture
def load(owner_url, web_url, tmp_path, write_run):
    """Loads a new folder by the worker; the number of its run and how the work ended."""
    os.environ["TECHFLOW_OWNER_URL"] = owner_url
    from techflow_service.platform import ordering
    from techflow_service.platform.working import work

    def loaded():
        folder = write_run(tmp_path)
        job = ordering.order("load", "owner", folder=str(folder))
        work(wait=False, queues=["owner"])
        return ask(owner_url, RUN, str(folder))[0][0], job.again().state

    return loaded


def ask(url, words, *values):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(words, values).fetchall()


def told(world, member, run):
    from techflow_service.platform.booking import totals
    from techflow_service.platform.context import speaking_as

    with speaking_as(member):
        rows = totals(world.models.Run.objects.get(pk=run), "standing", "region")
    return {(row["kind"], row["n"]) for row in rows}


def test_who_has_consents_finds_the_sums_made(world, owner_url, load):
    member = world.member("credit_officer")
    none = world.member("credit_officer")
    world.consent("test:loaded", member.org, parts=("grade",))
    run, state = load()
    assert state == "succeeded"
    assert len(ask(owner_url, KEPT, run, member.org_id)) == 3
    assert ask(owner_url, KEPT, run, none.org_id) == []
    assert told(world, member, run) == {("standing", 1), ("region", 1)}


def test_a_load_that_cannot_make_the_sums_stands(world, owner_url, load):
    """The function that makes them is not there meanwhile."""
    member = world.member("credit_officer")
    world.consent("test:loaded", member.org, parts=("grade",))
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(RENAME.format("make_totals", "gone"))
        try:
            run, state = load()
        finally:
            connection.execute(RENAME.format("gone", "make_totals"))
    assert (state, run is None) == ("succeeded", False)
    assert ask(owner_url, KEPT, run, member.org_id) == []
    assert told(world, member, run) == {("standing", 1), ("region", 1)}


def test_sums_of_old_runs_are_forgotten_and_made_again_when_asked_for(world, owner_url, load):
    member = world.member("credit_officer")
    runs = [world.run(date(year, 1, 1)) for year in (1999, 2024, 2025, 2026)]
    firm_id = world.firm(runs[0], parts=())
    for run in runs[1:]:
        world.models.Standing.objects.using("owner").create(
            run=run, firm_id=firm_id, name="名", search="名", verdict="graded"
        )
    world.consent(firm_id, member.org, parts=("grade",))
    for run in runs:
        assert told(world, member, run.pk) == {("standing", 1), ("region", 1)}
    load()
    kept = [bool(ask(owner_url, KEPT, run.pk, member.org_id)) for run in runs]
    assert kept == [False, True, True, True]
    assert told(world, member, runs[0].pk) == {("standing", 1), ("region", 1)}
