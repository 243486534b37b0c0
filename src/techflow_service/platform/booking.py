"""Sums over the firms that agreed, kept in pieces that are never older than a consent.

Row-level security asks of each row whether it may be read: seconds, over a hundred thousand firms.
These sums join the consents as a set, and are kept for each reader and run: the whole (-1), 32
bundles (-2 and below) and 32 pieces of each (0 and above), by firm. Triggers count every change of
consents and of figures; a piece that was made before one of them, or before a consent began or
ended by its date, is made anew when it is next asked for. So what is kept is never told after a
revocation, and a change costs the firms of one piece, the sums of its bundle and those of the
bundles: sums are added up, never subtracted, so they do not drift. The function gives sums and no
firm.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import connection

from techflow_service.platform.models import Run

TABLES = """
CREATE TYPE total_cell AS (kind text, name text, n bigint, a float8, b float8, c float8);
CREATE TABLE platform_consentmark (
    org_id bigint NOT NULL REFERENCES platform_organisation ON DELETE CASCADE,
    purpose varchar(20) NOT NULL, piece smallint NOT NULL, n bigint NOT NULL,
    PRIMARY KEY (org_id, purpose, piece));
CREATE TABLE platform_figuremark (
    run_id bigint PRIMARY KEY REFERENCES platform_run ON DELETE CASCADE, n bigint NOT NULL);
CREATE TABLE platform_total (
    org_id bigint NOT NULL REFERENCES platform_organisation ON DELETE CASCADE,
    purpose varchar(20) NOT NULL,
    run_id bigint NOT NULL REFERENCES platform_run ON DELETE CASCADE,
    piece smallint NOT NULL, consents_n bigint NOT NULL, figures_n bigint NOT NULL,
    until_at timestamptz NOT NULL, cells total_cell[] NOT NULL,
    PRIMARY KEY (org_id, purpose, run_id, piece));
"""
PIECES = """
DROP INDEX IF EXISTS consents_by_piece;
CREATE OR REPLACE FUNCTION piece_of(firm text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ('x' || left(md5(firm), 3))::bit(10)::int $$;
CREATE INDEX consents_by_piece ON platform_consent (org_id, purpose, piece_of(firm_id))
    WHERE revoked_at IS NULL;
DELETE FROM platform_total;
DELETE FROM platform_consentmark;
INSERT INTO platform_consentmark (org_id, purpose, piece, n)
SELECT org_id, purpose, piece_of(firm_id), 1 FROM platform_consent GROUP BY 1, 2, 3;
"""
"""A piece without a mark never had a consent, so it has no sums and need not be made."""
MARKS = """
CREATE FUNCTION mark_consents() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO platform_consentmark AS mark (org_id, purpose, piece, n)
    SELECT org_id, purpose, piece_of(firm_id), 1 FROM changed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (org_id, purpose, piece) DO UPDATE SET n = mark.n + 1;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_figures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO platform_figuremark AS mark (run_id, n)
    SELECT run_id, 1 FROM changed WHERE run_id IN (SELECT id FROM platform_run)
    GROUP BY run_id ORDER BY run_id
    ON CONFLICT (run_id) DO UPDATE SET n = mark.n + 1;
    RETURN NULL;
END $$;
"""
KEPT = """
CREATE OR REPLACE FUNCTION kept_totals(asked bigint, mine bigint, why text) RETURNS total_cell[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT cells FROM platform_total
    WHERE run_id = asked AND org_id = mine AND purpose = why AND piece = -1 AND until_at > now()
      AND consents_n = (SELECT coalesce(sum(n), 0) FROM platform_consentmark
                        WHERE org_id = mine AND purpose = why)
      AND figures_n = (SELECT coalesce(max(n), 0) FROM platform_figuremark WHERE run_id = asked)
$$;
"""
"""The whole, if nothing changed since: piece -1. One statement, so all of it as of one moment."""
MAKE = """
CREATE OR REPLACE FUNCTION make_totals(asked bigint, mine bigint, why text) RETURNS total_cell[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan SET work_mem = '64MB' AS $$
DECLARE
    figures bigint := (SELECT coalesce(max(n), 0) FROM platform_figuremark WHERE run_id = asked);
    bundles int[];
    stale int[];
    marks bigint[];
    found total_cell[];
BEGIN
    WITH old AS MATERIALIZED (
        SELECT mark.piece >> 5 AS bundle
        FROM platform_consentmark AS mark LEFT JOIN platform_total AS kept ON kept.org_id = mine
            AND kept.purpose = why AND kept.run_id = asked AND kept.piece = -2 - (mark.piece >> 5)
        WHERE mark.org_id = mine AND mark.purpose = why
        GROUP BY mark.piece >> 5, kept.consents_n, kept.figures_n, kept.until_at
        HAVING kept.consents_n IS DISTINCT FROM sum(mark.n) OR kept.figures_n <> figures
            OR kept.until_at <= now()
    ), leaves AS (
        SELECT mark.piece, mark.n
        FROM old JOIN platform_consentmark AS mark ON mark.org_id = mine AND mark.purpose = why
            AND mark.piece BETWEEN bundle << 5 AND (bundle << 5) + 31
        LEFT JOIN platform_total AS kept ON kept.org_id = mine AND kept.purpose = why
            AND kept.run_id = asked AND kept.piece = mark.piece
        WHERE kept.consents_n IS DISTINCT FROM mark.n OR kept.figures_n <> figures
            OR kept.until_at <= now()
    )
    SELECT (SELECT array_agg(bundle) FROM old), array_agg(piece), array_agg(n)
    INTO bundles, stale, marks FROM leaves;

    WITH live AS MATERIALIZED (
        SELECT firm_id, piece_of(firm_id) AS piece, parts, since_at, until_at
        FROM platform_consent WHERE org_id = mine AND purpose = why AND revoked_at IS NULL
            AND until_at > now() AND piece_of(firm_id) = ANY (stale)
    ), ends AS (
        SELECT piece, min(CASE WHEN since_at > now() THEN since_at ELSE until_at END) AS until_at
        FROM live GROUP BY piece
    ), agreed AS MATERIALIZED (
        SELECT firm_id, piece, bool_or('grade' = ANY (parts)) AS grade,
            bool_or('plan' = ANY (parts)) AS plan
        FROM live WHERE since_at <= now() GROUP BY firm_id, piece
    ), cells AS (
        SELECT w.piece,
            CASE WHEN grouping(s.region_code) = 0 THEN 'region'
                WHEN grouping(s.sector) = 0 THEN 'sector' ELSE 'standing' END AS kind,
            coalesce(s.region_code, s.sector, s.grade || '/' || s.verdict) AS name,
            count(*) AS n,
            sum(s.debt_outstanding_lcy) FILTER (WHERE s.currency = 'CNY') AS a,
            sum(s.limit_lcy) FILTER (WHERE s.currency = 'CNY') AS b,
            sum(s.debt_outstanding_lcy * s.debt_outstanding_lcy)
                FILTER (WHERE s.currency = 'CNY') AS c
        FROM agreed AS w JOIN platform_standing AS s ON s.run_id = asked AND s.firm_id = w.firm_id
        WHERE w.grade
        GROUP BY GROUPING SETS ((w.piece, s.grade, s.verdict), (w.piece, s.region_code),
            (w.piece, s.sector))
        UNION ALL
        SELECT w.piece, 'lent', l.year::text, sum(l.loans_n), sum(l.defaulted_n),
            sum(l.outstanding_cny), sum(l.bad_cny)
        FROM agreed AS w JOIN platform_lent AS l ON l.run_id = asked AND l.firm_id = w.firm_id
        WHERE w.grade GROUP BY w.piece, l.year
        UNION ALL
        SELECT w.piece, 'need', n.plan_status, count(*), sum(n.plan_cny), sum(n.asked_cny), NULL
        FROM agreed AS w JOIN platform_need AS n ON n.run_id = asked AND n.firm_id = w.firm_id
        WHERE w.plan GROUP BY w.piece, n.plan_status
    )
    INSERT INTO platform_total AS kept
    SELECT mine, why, asked, told.piece, told.n, figures, coalesce(ends.until_at, 'infinity'),
        coalesce(made.cells, '{}')
    FROM unnest(stale, marks) AS told(piece, n) LEFT JOIN ends USING (piece)
    LEFT JOIN (SELECT piece, array_agg((kind, name, n, a, b, c)::total_cell) AS cells
        FROM cells GROUP BY piece) AS made USING (piece)
    ON CONFLICT (org_id, purpose, run_id, piece) DO UPDATE SET consents_n = EXCLUDED.consents_n,
        figures_n = EXCLUDED.figures_n, until_at = EXCLUDED.until_at, cells = EXCLUDED.cells;

    INSERT INTO platform_total AS kept
    SELECT mine, why, asked, -2 - bundle, sum(consents_n), min(figures_n), min(until_at), (
        SELECT coalesce(array_agg(told::total_cell), '{}') FROM (
            SELECT cell.kind, cell.name, sum(cell.n)::bigint, sum(cell.a), sum(cell.b), sum(cell.c)
            FROM platform_total AS leaf, unnest(leaf.cells) AS cell
            WHERE leaf.org_id = mine AND leaf.purpose = why AND leaf.run_id = asked
                AND leaf.piece BETWEEN bundle << 5 AND (bundle << 5) + 31
            GROUP BY cell.kind, cell.name) AS told)
    FROM unnest(bundles) AS bundle JOIN platform_total AS leaf ON leaf.org_id = mine
        AND leaf.purpose = why AND leaf.run_id = asked
        AND leaf.piece BETWEEN bundle << 5 AND (bundle << 5) + 31
    GROUP BY bundle
    ON CONFLICT (org_id, purpose, run_id, piece) DO UPDATE SET consents_n = EXCLUDED.consents_n,
        figures_n = EXCLUDED.figures_n, until_at = EXCLUDED.until_at, cells = EXCLUDED.cells;

    SELECT coalesce(array_agg(told::total_cell), '{}') INTO found FROM (
        SELECT cell.kind, cell.name, sum(cell.n)::bigint, sum(cell.a), sum(cell.b), sum(cell.c)
        FROM platform_total AS kept, unnest(kept.cells) AS cell
        WHERE kept.org_id = mine AND kept.purpose = why AND kept.run_id = asked AND kept.piece < -1
        GROUP BY cell.kind, cell.name) AS told;
    INSERT INTO platform_total AS kept
    SELECT mine, why, asked, -1, coalesce(sum(consents_n), 0),
        coalesce(min(figures_n), figures), coalesce(min(until_at), 'infinity'), found
    FROM platform_total WHERE org_id = mine AND purpose = why AND run_id = asked AND piece < -1
    ON CONFLICT (org_id, purpose, run_id, piece) DO UPDATE SET consents_n = EXCLUDED.consents_n,
        figures_n = EXCLUDED.figures_n, until_at = EXCLUDED.until_at, cells = EXCLUDED.cells;
    RETURN found;
END $$;
"""
"""Counts of changes are read before the figures: what is kept is at most newer than it says."""
TOTALS = """
CREATE OR REPLACE FUNCTION totals(asked bigint, wanted text[]) RETURNS SETOF total_cell
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    mine bigint := nullif(current_setting('app.org', true), '')::bigint;
    why text := current_setting('app.purpose', true);
    found total_cell[] := kept_totals(asked, mine, why);
BEGIN
    IF found IS NULL AND mine IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(7302613, hashtext(mine || ':' || why));
        found := coalesce(kept_totals(asked, mine, why), make_totals(asked, mine, why));
    END IF;
    RETURN QUERY SELECT * FROM unnest(found) AS cell WHERE cell.kind = ANY (wanted);
END $$;
REVOKE EXECUTE ON FUNCTION kept_totals, make_totals FROM PUBLIC;
"""
"""Who makes pieces anew does so alone: two at once could keep an older one over a newer."""
MARKED = {
    "platform_consent": "mark_consents",
    "platform_standing": "mark_figures",
    "platform_lent": "mark_figures",
    "platform_need": "mark_figures",
}


def totals_sql() -> str:
    """All of it, for the migration that makes it."""
    triggers = [
        f"CREATE TRIGGER mark_{verb} AFTER {verb.upper()} ON {table} "
        f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {function}();\n"
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER mark_{verb};"
        for table, function in MARKED.items()
        for verb, rows in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))
    ]
    return "\n".join([TABLES, MARKS, *triggers, pieces_sql()])


def pieces_sql() -> str:
    """How firms fall into pieces, and what makes and adds them up."""
    return "\n".join([PIECES, KEPT, MAKE, TOTALS])


def totals(run: Run, *kinds: str) -> list[dict[str, Any]]:
    """Sums over the firms of a run that agreed to the member's organisation and purpose.

    Args:
        run: The run.
        kinds: `standing` (by grade/verdict), `region` and `sector` count firms `n` and sum debt
            `a`, limit `b` and squared debt `c` in yuan; `lent` (by year) counts loans `n` and
            defaults `a`, and sums what is outstanding `b` and bad `c`; `need` (by status of the
            plan) counts firms `n` and sums plans `a` and what is asked `b`.

    Returns:
        `kind`, `name`, `n` and the sums; a sum of nothing known is null.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM totals(%s, %s)", [run.pk, list(kinds)])
        names = ("kind", "name", "n", "a", "b", "c")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def gather(
    cells: Iterable[Mapping[str, Any]], name_of: Callable[[str], str]
) -> dict[str, dict[str, Any]]:
    """Sums added up under coarser names.

    Args:
        cells: Of `totals`, of one kind.
        name_of: Name of a cell -> the coarser one.

    Examples:
        >>> cells = [{"name": "A/x", "n": 1, "a": None, "b": 2.0, "c": None},
        ...          {"name": "A/y", "n": 2, "a": None, "b": 3.0, "c": 1.0}]
        >>> gather(cells, lambda name: name.split("/")[0])
        {'A': {'n': 3, 'a': None, 'b': 5.0, 'c': 1.0}}
    """
    found: dict[str, dict[str, Any]] = {}
    for cell in cells:
        sums = found.setdefault(name_of(cell["name"]), dict.fromkeys(("n", "a", "b", "c")))
        for key in sums:
            if cell[key] is not None:
                sums[key] = cell[key] + (sums[key] or 0)
    return found
