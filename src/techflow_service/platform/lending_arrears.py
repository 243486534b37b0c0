"""What the database holds of a loan once it is lent: arrears, class, dates, and rows of steps.

The database works arrears out anew from the loan and its repayments, by the same rules as
`techflow.flow.loan_watch`, and refuses a step that says anything else. A test compares the two.
"""

from techflow_service.platform.lending_effects import BOOKED

RULES = """
CREATE FUNCTION day_here(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT (at AT TIME ZONE 'Asia/Shanghai')::date
$$;
CREATE FUNCTION month_after(day date, n int) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT least(first + extract(day FROM day)::int - 1, (first + interval '1 month')::date)
    FROM CAST(date_trunc('month', day::timestamp) + make_interval(months => n) AS date) AS first
$$;
CREATE FUNCTION loan_arrears(
    asked bigint, today date, OUT owed_fen bigint, OUT overdue_fen bigint, OUT days_overdue int
) LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH dues AS (
        SELECT due_on, div(2 * amount_fen * rate_pa::numeric * (due_on - start_on) + 360, 720)
            + CASE WHEN n = term_months THEN amount_fen ELSE 0 END AS until_then
        FROM platform_loan, generate_series(1, term_months) AS n,
            month_after(start_on, n) AS due_on WHERE id = asked
    ), paid AS (
        SELECT coalesce(sum(amount_fen), 0) AS fen FROM platform_loanrepayment
        WHERE loan_id = asked AND paid_on <= today
    )
    SELECT greatest(max(until_then) - fen, 0),
        greatest(coalesce(max(until_then) FILTER (WHERE due_on < today), 0) - fen, 0),
        coalesce(today - min(due_on) FILTER (WHERE due_on < today AND until_then > fen), 0)
    FROM dues, paid GROUP BY fen
$$;
CREATE FUNCTION class_at_least(days_overdue int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN days_overdue > 360 THEN 5 WHEN days_overdue > 270 THEN 4
        WHEN days_overdue >= 90 THEN 3 WHEN days_overdue > 0 THEN 2 ELSE 1 END
$$;
"""
"""Whole fen without rounding on the way: `div` of numbers that are exact. Interest is summed from
the start and rounded, half up, as `techflow.pool.due_fen` does. From 90 days a loan is impaired
(stage 3), so at least substandard."""
STEPS = """
CREATE FUNCTION check_lent_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    today date := day_here(NEW.at);
    said jsonb := NEW.terms;
    loan platform_loan;
    late record;
    first date;
    holds boolean;
BEGIN
    SELECT * INTO loan FROM platform_loan WHERE application_id = NEW.application_id;
    SELECT * INTO late FROM loan_arrears(loan.id, today);
    IF NEW.move = 'lend' THEN
        SELECT day_here(at) INTO first FROM platform_loanstep
        WHERE application_id = NEW.application_id AND move = 'accept';
        holds := (said ->> 'start_on')::date BETWEEN first AND today
            AND said = jsonb_build_object('start_on', (said ->> 'start_on')::date);
    ELSIF NEW.move = 'receive' THEN
        holds := (said ->> 'paid_on')::date BETWEEN loan.start_on AND today
            AND (said ->> 'amount_fen')::bigint BETWEEN 1 AND late.owed_fen
            AND said = jsonb_build_object('paid_on', (said ->> 'paid_on')::date,
                'amount_fen', (said ->> 'amount_fen')::bigint);
    ELSE
        holds := said = to_jsonb(late) || CASE NEW.move WHEN 'default' THEN
                jsonb_build_object('class_at_least_n', class_at_least(late.days_overdue))
                ELSE '{}' END
            AND CASE NEW.move WHEN 'settle' THEN late.owed_fen = 0
                WHEN 'cure' THEN late.overdue_fen = 0
                WHEN 'default' THEN class_at_least(late.days_overdue) >= 3 ELSE true END;
    END IF;
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION 'figures of % are not those of the loan', NEW.move
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER z_check_lent_step BEFORE INSERT ON platform_loanstep FOR EACH ROW
WHEN (NEW.move IN ('lend', 'receive', 'settle', 'cure', 'default', 'prepare_claim'))
EXECUTE FUNCTION check_lent_step();

CREATE FUNCTION check_first_pd() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.pd_at_origination IS DISTINCT FROM (SELECT (terms ->> 'pd')::float8
            FROM platform_loanstep WHERE application_id = NEW.application_id AND move = 'assess'
            ORDER BY n DESC LIMIT 1) THEN
        RAISE EXCEPTION 'the first PD of a loan is what was assessed'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER z_check_first_pd BEFORE INSERT ON platform_loan
FOR EACH ROW EXECUTE FUNCTION check_first_pd();
"""
"""A day that ends within a request may refuse a step made a moment before: it is made again."""
POSTING = """
CREATE FUNCTION check_posting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    step platform_loanstep;
    papers jsonb;
    loan text;
BEGIN
    SELECT * INTO step FROM platform_loanstep WHERE id = NEW.step_id;
    SELECT evidence INTO papers FROM platform_loanstep WHERE application_id = step.application_id
        AND n <= step.n AND move = replace(step.move, 'claim', 'prepare_claim')
    ORDER BY n DESC LIMIT 1;
    loan := 'loan-' || step.application_id;
    IF NEW.entry_n IS NOT NULL OR NEW.refused <> '' OR NEW.request IS DISTINCT FROM
        jsonb_build_object(
            'key', loan || '-step-' || step.n, 'claim_id', loan, 'role', 'lender',
            'actor', 'person-' || step.person_id, 'rule_version', step.rule_version,
            'on', day_here(step.at), 'amounts', '{}'::jsonb, 'evidence', papers,
            'evidence_hash', encode(sha256(convert_to('{' || coalesce((SELECT string_agg(
                to_json(key)::text || ':' || to_json(value)::text, ',' ORDER BY key COLLATE "C")
                FROM jsonb_each_text(papers)), '') || '}', 'UTF8')), 'hex'),
            'pool_id', (SELECT terms -> 'pool_id' FROM platform_loanstep
                WHERE application_id = step.application_id AND move = 'file'),
            'detail', CASE step.move WHEN 'file' THEN jsonb_build_object('firm_id', step.firm_id,
                'bank_id', 'org-' || step.org_id, 'loan_id', loan) ELSE '{}' END)
        || (SELECT jsonb_build_object('route', way.route, 'state', way.state)
            FROM (VALUES :booked) AS way(move, route, state) WHERE way.move = step.move)
    THEN
        RAISE EXCEPTION 'the books are told what the step says' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER z_check_posting BEFORE INSERT ON platform_loanposting
FOR EACH ROW EXECUTE FUNCTION check_posting();
"""
WHOLE = """
CREATE FUNCTION check_row_of_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM platform_loan WHERE step_id = NEW.id
            UNION ALL SELECT 1 FROM platform_loanrepayment WHERE step_id = NEW.id
            UNION ALL SELECT 1 FROM platform_loanposting WHERE step_id = NEW.id)
        AND (NEW.move IN ('lend', 'receive') OR EXISTS (SELECT 1 FROM platform_loanstep
            WHERE application_id = NEW.application_id AND move = 'file')) THEN
        RAISE EXCEPTION 'a step of % brings its row with it', NEW.move
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER row_of_step AFTER INSERT ON platform_loanstep
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.move IN ('lend', 'receive', 'file', 'settle', 'default', 'cure', 'claim'))
EXECUTE FUNCTION check_row_of_step();
"""
"""Asked at the end of the transaction: a repayment whose row is left out would raise arrears."""


def arrears_sql() -> str:
    """All of it, for the migration that adds it."""
    booked = ", ".join(
        f"('{move}', '{route}', '{state}')" for move, (route, state) in BOOKED.items()
    )
    return "\n".join([RULES, STEPS, POSTING.replace(":booked", booked), WHOLE])
