"""The platform's database: its two roles, its structure, and how Django reaches it."""

import os
import secrets
from typing import Any

from techflow.basics import InvalidInput

WEB_ROLE = "techflow_web"
APPEND_ONLY = (
    *(
        "platform_reading",
        "platform_seal",
        "platform_consenttext",
        "django_admin_log",
    ),
    *("platform_loanapplication", "platform_loanstep"),
    *("platform_loan", "platform_loanrepayment", "platform_loanposting"),
)
READ_ONLY = (
    *("platform_run", "platform_firm", "platform_standing", "platform_sheet"),
    *("platform_study", "platform_need", "platform_lent"),
    *("platform_consentmark", "platform_figuremark", "platform_total", "platform_pace"),
)
"""Tables that web processes can read, never change: jobs of the owner fill them; functions of the
database the last four, of which no policy shows a row."""

FIXED = """
CREATE OR REPLACE FUNCTION context_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'who asked for a change is never rewritten'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER context_is_fixed BEFORE UPDATE ON pghistory_context
FOR EACH ROW EXECUTE FUNCTION context_is_fixed();
"""
"""Who asked for a change is written once. The right to update must stay: the insert names it."""


def django_database(url: str) -> dict[str, Any]:
    """A URL of PostgreSQL as Django wants it.

    Args:
        url: Like `postgresql://user:password@host:5432/name?host=/socket/folder`.
    """
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "postgres"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"prepare_threshold": 3},
    }


def set_up(owner_url: str, password: str | None = None) -> str:
    """Bring the database to the newest structure and give the web role its rights.

    Args:
        owner_url: The database as its owner, who may create roles.
        password: Of the web role; None draws a new one, which ends that of processes that run.

    Returns:
        The URL for web processes.
    """
    import django
    import psycopg
    from django.core.management import call_command

    password = password or secrets.token_urlsafe(24)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        _make_role(connection, password)
    web_url = web_url_of(owner_url, password)
    os.environ |= {"TECHFLOW_OWNER_URL": owner_url, "TECHFLOW_WEB_URL": web_url}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techflow_service.platform.settings")
    os.environ.setdefault("TECHFLOW_SECRET", secrets.token_urlsafe(48))
    django.setup()
    call_command("migrate", database="owner", verbosity=0)
    call_command("createcachetable", database="owner", verbosity=0)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        _grant(connection)
    return web_url


def web_url_of(owner_url: str, password: str) -> str:
    """The same database, as the role of web processes."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(owner_url)
    if not parts.get("dbname"):
        raise InvalidInput("the database's URL must name a database, such as /techflow at its end")
    return make_conninfo("", **(parts | {"user": WEB_ROLE, "password": password}))


def _make_role(connection: Any, password: str) -> None:
    from psycopg import sql

    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [WEB_ROLE]).fetchone()
    verb = "ALTER" if found else "CREATE"
    connection.execute(
        sql.SQL(
            verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}"
        ).format(sql.Identifier(WEB_ROLE), sql.Literal(password))
    )


def _grant(connection: Any) -> None:
    """Rights of the web role: changes where it must, never on an audit trail or on figures."""
    role = WEB_ROLE
    trails = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname LIKE 'platform\\_%event'"
    ).fetchall()
    (name,) = connection.execute("SELECT quote_ident(current_database())").fetchone()
    # A temporary table is found before a true one of its name: rules would read what was forged.
    connection.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
    connection.execute(f"GRANT TEMPORARY ON DATABASE {name} TO CURRENT_USER")
    connection.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    connection.execute(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    )
    connection.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
    connection.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
    for table in (*APPEND_ONLY, *(name for (name,) in trails)):
        connection.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
    connection.execute(FIXED)
    connection.execute(f"REVOKE DELETE, TRUNCATE ON pghistory_context FROM {role}")
    for table in READ_ONLY:
        connection.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
