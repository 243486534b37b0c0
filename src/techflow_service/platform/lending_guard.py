"""What the database itself holds of lending: who sees which rows, and that no step skips."""

from techflow.credit.lending_moves import MOVES, Move
from techflow_service.platform.guarding import OWN_FIRM, OWN_ORG, guard

LENDER = f"{OWN_ORG} AND current_setting('app.role', true) IN ('credit_officer', 'branch_head')"
GIVEN = f"{OWN_FIRM} OR {LENDER}"
OWN_STEP = f"""person_id = nullif(current_setting('app.person', true), '')::bigint
    AND role = current_setting('app.role', true)
    AND CASE role WHEN 'firm' THEN {OWN_FIRM} ELSE {OWN_ORG} END"""
CHECK_STEP = """
CREATE OR REPLACE FUNCTION check_loan_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text := coalesce((SELECT target FROM platform_loanstep
        WHERE application_id = NEW.application_id AND n = NEW.n - 1), '');
    way record;
BEGIN
    SELECT * INTO way FROM loan_ways()
    WHERE move = NEW.move AND role = NEW.role AND source = standing AND target = NEW.target;
    IF NOT FOUND OR NEW.source <> standing OR (NEW.n = 1) <> (standing = '') THEN
        RAISE EXCEPTION 'step % of % cannot follow %', NEW.move, NEW.role, standing
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM platform_loanapplication WHERE id = NEW.application_id
            AND firm_id = NEW.firm_id AND org_id = NEW.org_id) THEN
        RAISE EXCEPTION 'the step is not of this application' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM platform_membership AS own
            JOIN platform_organisation AS home ON home.id = own.org_id
            WHERE own.id = NEW.membership_id AND own.person_id = NEW.person_id
            AND own.role = NEW.role AND own.ended_at IS NULL
            AND CASE NEW.role WHEN 'firm' THEN home.firm_id = NEW.firm_id
                ELSE home.id = NEW.org_id END
            AND NEW.authority_cny IS NOT DISTINCT FROM own.authority_cny) THEN
        RAISE EXCEPTION 'the maker has no such seat' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM platform_loanstep WHERE application_id = NEW.application_id
            AND person_id = NEW.person_id AND move = ANY (way.apart)) THEN
        RAISE EXCEPTION 'another person must do %', NEW.move USING ERRCODE = 'check_violation';
    END IF;
    IF way.reason AND btrim(NEW.reason) = '' THEN
        RAISE EXCEPTION '% needs a reason', NEW.move USING ERRCODE = 'check_violation';
    END IF;
    IF way.authority AND coalesce(NEW.authority_cny, 0) < (
            SELECT (terms ->> 'amount_cny')::numeric FROM platform_loanstep
            WHERE application_id = NEW.application_id AND move = 'propose'
            ORDER BY n DESC LIMIT 1) THEN
        RAISE EXCEPTION 'the amount is above the authority' USING ERRCODE = 'check_violation';
    END IF;
    IF current_user = 'techflow_web' THEN NEW.at := now(); END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_loan_step BEFORE INSERT ON platform_loanstep
FOR EACH ROW EXECUTE FUNCTION check_loan_step();
CREATE FUNCTION check_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM platform_loanstep WHERE id = NEW.step_id
            AND firm_id = NEW.firm_id AND org_id = NEW.org_id AND move = ANY (TG_ARGV)) THEN
        RAISE EXCEPTION 'this row must follow from one of %', TG_ARGV
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
WAYS = (
    "CREATE OR REPLACE FUNCTION loan_ways() RETURNS TABLE (move text, role text, source text, "
    "target text, reason boolean, authority boolean, apart text[]) LANGUAGE sql IMMUTABLE"
)
FOLLOWS = {
    "platform_loan": ("lend",),
    "platform_loanrepayment": ("receive",),
    "platform_loanposting": ("file", "settle", "default", "cure", "claim"),
}
"""Tables whose rows follow from steps -> moves of those steps."""


def ways_sql() -> str:
    """The table of moves as a function of the database: one row for each move and source.

    A change of the table needs a migration that runs this anew; a test compares the two.
    """
    rows = [
        f"('{move.name}', '{move.role}', '{source}', '{move.target or source}', "
        f"{move.reason}, {move.authority}, {_array(move)})"
        for move in MOVES.values()
        for source in (move.sources or ("",))
    ]
    return f"{WAYS} AS $$ VALUES {', '.join(rows)} $$;"


def _array(move: Move) -> str:
    return "ARRAY[" + ", ".join(f"'{one}'" for one in move.apart_from) + "]::text[]"


def lending_sql() -> str:
    """All of it, for the migration that makes the tables."""
    triggers = [
        f"CREATE TRIGGER of_step BEFORE INSERT ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION check_of_step({', '.join(map(repr, moves))});"
        for table, moves in FOLLOWS.items()
    ]
    guards = [
        guard("platform_loanapplication", select=GIVEN, insert=OWN_FIRM),
        guard("platform_loanstep", select=GIVEN, insert=OWN_STEP),
        *(guard(table, select=GIVEN, insert=LENDER) for table in FOLLOWS),
    ]
    return "\n".join([ways_sql(), CHECK_STEP, *triggers, *guards])
