"""Trails: every change with who asked by which address; nobody rewrites them, nor the office."""

import psycopg
import pytest

DENIED = psycopg.errors.InsufficientPrivilege
KEPT = ("platform_personevent", "platform_organisationevent", "platform_membershipevent",
        "platform_consentevent", "platform_contestevent", "platform_reading", "platform_seal",
        "django_admin_log")  # fmt: skip
FIGURES = ("platform_run", "platform_firm", "platform_standing", "platform_sheet")
ENTRIES = ("person", "organisation", "membership")


@pytest.fixture(scope="module")
def clerk(world):
    """An administrator with a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    member = world.member("administrator")
    secret = generate_totp_secret()
    TOTP.activate(member.person, secret)
    return world.client(member), member


def in_names_of(connection, member):
    """The words of a member told to the database, as a request tells them."""
    for name, word in (("person", member.person_id), ("org", member.org_id)):
        connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(word)])


@pytest.mark.parametrize("table", [*KEPT, *FIGURES])
@pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_the_web_role_rewrites_no_trail_and_no_figure(web_url, clerk, table, verb):
    with psycopg.connect(web_url) as connection:
        in_names_of(connection, clerk[1])
        columns = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1"
        column = connection.execute(columns, [table]).fetchone()[0]
        with pytest.raises(DENIED):
            connection.execute(verb.format(table, column))


def test_a_person_is_added_by_what_the_form_shows(world, clerk):
    """The form once showed no field at all."""
    password = "a long way home 2026"
    page = clerk[0].get("/office/platform/person/add/").content.decode()
    fields = {"username": "newcomer", "shown_name": "新人", "language": "zh"}
    fields |= {"password1": password, "password2": password}
    assert all(f'name="{name}"' in page for name in fields)
    assert clerk[0].post("/office/platform/person/add/", fields).status_code == 302
    from techflow_service.platform.models import Person

    made = Person.objects.using("owner").get(username="newcomer")
    assert made.shown_name == "新人"
    assert made.check_password(password)
    assert made.password_given_at is not None  # by somebody else: to be changed at once


@pytest.mark.parametrize("name", ["organisation", "membership", "person"])
def test_every_form_of_the_back_office_has_fields(clerk, name):
    page = clerk[0].get(f"/office/platform/{name}/add/").content.decode()
    assert page.count("field-") >= 4


def test_a_change_is_kept_with_who_asked_and_by_which_address(world, clerk):
    client, member = clerk
    fields = {"kind": "bank", "name_zh": "新银行", "name_en": "New bank", "region_code": "440300"}
    assert client.post("/office/platform/organisation/add/", fields).status_code == 302
    from techflow_service.platform.models import Organisation

    made = Organisation.objects.using("owner").get(name_en="New bank")
    (event,) = Organisation.pgh_event_models["insert"].objects.using("owner").filter(pgh_obj=made)
    assert event.pgh_context.metadata == {
        "person": str(member.person_id),
        "org": str(member.org_id),
        "role": "administrator",
        "asked": "POST /office/platform/organisation/add/",
    }


def test_who_asked_is_never_rewritten(web_url, clerk):
    for statement in (
        "UPDATE pghistory_context SET metadata = '{}'",
        "DELETE FROM pghistory_context",
        "TRUNCATE pghistory_context CASCADE",
    ):
        with psycopg.connect(web_url) as connection, pytest.raises(DENIED):
            connection.execute(statement)


def test_nobody_writes_a_trace_in_the_name_of_another_organisation(world, web_url, clerk):
    with psycopg.connect(web_url) as connection:
        in_names_of(connection, clerk[1])
        columns = "firm_id, org_id, person_id, role, purpose, parts, route"
        with pytest.raises(DENIED):
            connection.execute(
                f"INSERT INTO platform_reading ({columns})"
                " VALUES ('x', %s, %s, '', '', '{}', '')",
                [world.org().pk, clerk[1].person_id],
            )


def test_the_office_registers_people_organisations_and_memberships_only(clerk):
    from techflow_service.platform.office import OFFICE

    assert {one.__name__.lower() for one in OFFICE._registry} == set(ENTRIES)
    page = clerk[0].get("/office/")
    assert page.status_code == 200
    for name in (
        "reading",
        "seal",
        "consent",
        "standing",
        "sheet",
        "authenticator",
        "job",
        "group",
    ):
        assert clerk[0].get(f"/office/platform/{name}/").status_code == 404


@pytest.mark.parametrize("name", ENTRIES)
def test_the_office_shows_and_adds_and_deletes_nothing(world, clerk, name):
    client, base = clerk[0], f"/office/platform/{name}/"
    pk = getattr(world.models, name.title()).objects.using("owner").first().pk
    for page in ("", "add/", f"{pk}/change/", f"{pk}/history/"):
        assert client.get(base + page).status_code == 200, page
    assert client.post(f"{base}{pk}/delete/", {"post": "yes"}).status_code == 403
    fields = {"action": "delete_selected", "_selected_action": pk, "post": "yes"}
    client.post(base, fields)
    assert getattr(world.models, name.title()).objects.using("owner").filter(pk=pk).exists()


def test_nobody_gives_themselves_a_role_or_changes_their_own(world, clerk):
    client, member = clerk
    base = "/office/platform/membership/"
    fields = {"person": member.person_id, "org": member.org_id, "role": "credit_officer"}
    assert client.post(f"{base}add/", fields).status_code == 200
    assert client.post(f"{base}{member.pk}/change/", {"authority_cny": "9"}).status_code == 403
    assert member.person.memberships.using("owner").count() == 1
    other = world.member("analyst").person_id
    assert client.post(f"{base}add/", fields | {"person": other}).status_code == 302


def test_the_office_is_open_to_administrators_with_a_second_factor_only(world):
    assert world.client().get("/office/")["Location"].startswith("/office/login/")
    assert world.client().get("/office/login/")["Location"].startswith("/account/login/")
    officer = world.client(world.member("credit_officer"))
    assert officer.get("/office/", follow=True).status_code == 403
    bare = world.client(world.member("administrator"))
    assert bare.get("/office/login/")["Location"] == "/account/2fa/totp/activate/"
    assert bare.post("/office/login/", {"username": "x", "password": "y"}).status_code == 302
    assert bare.get("/office/platform/person/").status_code == 302
