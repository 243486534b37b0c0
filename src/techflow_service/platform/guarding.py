"""Row-level security as SQL, for the migrations that switch it on."""

MAY_READ = """
CREATE FUNCTION may_read(firm text, part text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN firm = current_setting('app.firm', true) OR EXISTS (
        SELECT 1 FROM platform_consent AS consent
        WHERE consent.firm_id = firm
          AND consent.org_id = nullif(current_setting('app.org', true), '')::bigint
          AND consent.purpose = current_setting('app.purpose', true)
          AND part = ANY (consent.parts)
          AND consent.revoked_at IS NULL
          AND consent.since_at <= now() AND consent.until_at > now());
END $$;
"""
OWN_ORG = "org_id = nullif(current_setting('app.org', true), '')::bigint"
OWN_FIRM = "firm_id = nullif(current_setting('app.firm', true), '')"
"""Nobody's firm is the empty word."""
OWN_PERSON = "person_id = nullif(current_setting('app.person', true), '')::bigint"


def guard(table: str, **policies: str) -> str:
    """SQL that closes a table and opens it again for what the policies say.

    Args:
        table: Its name.
        policies: `select`, `insert`, `update`, `delete` -> the condition on a row. What is left out
            stays closed.
    """
    lines = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;",
    ]
    for verb, condition in policies.items():
        clauses = {
            "select": f"USING ({condition})",
            "insert": f"WITH CHECK ({condition})",
            "update": f"USING ({condition}) WITH CHECK ({condition})",
            "delete": f"USING ({condition})",
        }
        lines.append(f"CREATE POLICY {verb}_rows ON {table} FOR {verb.upper()} {clauses[verb]};")
    return "\n".join(lines)


ANSWERED_ONCE = """
CREATE FUNCTION answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' OR to_jsonb(NEW) - TG_ARGV <> to_jsonb(OLD) - TG_ARGV THEN
        RAISE EXCEPTION 'what was asked stays as it was, and is answered once only'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


def answered_once(table: str, *columns: str) -> str:
    """SQL that keeps a case as it was opened, and lets it be answered once.

    Args:
        table: Its name; its column `state` is `open` until answered.
        columns: What an answer may fill, beside `state`.
    """
    told = ", ".join(f"'{column}'" for column in ("state", *columns))
    return (
        f"CREATE TRIGGER answered_once BEFORE UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION answered_once({told});"
    )


def moves(table: str, *told: tuple[str, str]) -> str:
    """SQL that says who may make what of an open case.

    Args:
        table: Its name.
        told: Condition on who moves it; condition on what it becomes.
    """
    who = " OR ".join(by for by, _ in told)
    made = " OR ".join(f"({by} AND {state})" for by, state in told)
    return (
        f"CREATE POLICY update_rows ON {table} FOR UPDATE "
        f"USING (state = 'open' AND ({who})) WITH CHECK ({made});"
    )
