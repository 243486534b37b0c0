"""Who may see which firm: row-level security, seen through pages and through raw SQL."""

import psycopg
import pytest

DENIED = psycopg.errors.InsufficientPrivilege
GUARDED = ("platform_firm", "platform_standing", "platform_sheet", "platform_consent")


@pytest.fixture(scope="module")
def scene(world):
    run = world.run()
    bank, other = world.org(), world.org()
    mine, foreign = world.firm(run), world.firm(run)
    consent = world.consent(mine, bank)
    world.consent(foreign, other)
    return {
        "run": run,
        "mine": mine,
        "foreign": foreign,
        "consent": consent,
        "officer": world.member("credit_officer", bank),
    }


def test_nobody_sees_a_row_by_raw_sql(scene, web_url):
    with psycopg.connect(web_url) as connection:
        for table in GUARDED:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_an_officer_sees_the_firm_that_agreed_and_no_other(scene, world):
    client = world.client(scene["officer"])
    assert client.get(f"/firms/{scene['mine']}").status_code == 200
    assert client.get(f"/firms/{scene['foreign']}").status_code == 404
    page = client.get("/firms").content.decode()
    assert scene["mine"] in page
    assert scene["foreign"] not in page


def test_every_look_leaves_a_trace_that_the_firm_can_read(scene, world):
    from techflow_service.platform.models import Reading

    world.client(scene["officer"]).get(f"/firms/{scene['mine']}")
    traces = Reading.objects.using("owner").filter(firm_id=scene["mine"], route="firm")
    assert {tuple(sorted(one.parts)) for one in traces} == {("grade", "identity")}
    assert {one.person_id for one in traces} == {scene["officer"].person_id}


def test_a_part_that_was_not_granted_stays_closed(scene, world, web_url):
    member = scene["officer"]
    with psycopg.connect(web_url) as connection:
        for name, value in (("org", member.org_id), ("purpose", "credit")):
            connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])
        parts = connection.execute("SELECT DISTINCT part FROM platform_sheet").fetchall()
    assert parts == [("grade",)]


def test_a_revoked_consent_bites_at_the_next_request(world):
    run, bank = world.run(), world.org()
    firm_id = world.firm(run)
    consent, client = world.consent(firm_id, bank), world.client(world.member("branch_head", bank))
    assert client.get(f"/firms/{firm_id}").status_code == 200
    world.revoke(consent)
    assert client.get(f"/firms/{firm_id}").status_code == 404
    assert firm_id not in client.get("/firms").content.decode()


def test_the_web_role_changes_neither_figures_nor_trails(scene, web_url):
    for statement in (
        "UPDATE platform_standing SET grade = 'TF1'",
        "DELETE FROM platform_reading",
        "UPDATE platform_consentevent SET firm_id = ''",
        "INSERT INTO platform_firm (firm_id) VALUES ('x')",
    ):
        with psycopg.connect(web_url) as connection, pytest.raises(DENIED):
            connection.execute(statement)


def test_a_stranger_is_sent_to_sign_in(world):
    answer = world.client().get("/firms")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/firms")


@pytest.mark.parametrize("role", ["analyst", "administrator"])
def test_a_role_without_purpose_reads_no_firm(scene, world, role):
    assert world.client(world.member(role)).get("/firms").status_code == 403
