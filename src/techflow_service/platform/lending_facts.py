"""Figures of lending that the database holds: of an assessment, and of rows that repeat steps.

What a bank proposes is its own to say; arrears and classes are held by `lending_arrears`.
"""

FIGURES = """
CREATE FUNCTION check_assessment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NEW.run_id IS DISTINCT FROM
            (SELECT id FROM platform_run ORDER BY as_of DESC, id DESC LIMIT 1)
        OR NOT EXISTS (SELECT 1 FROM platform_standing AS s
            WHERE s.run_id = NEW.run_id AND s.firm_id = NEW.firm_id
            AND (NEW.terms ->> 'limit_cny')::float8 IS NOT DISTINCT FROM
                CASE WHEN s.currency IN ('CNY', '') THEN s.limit_lcy END
            AND (NEW.terms ->> 'rate_pa')::float8 IS NOT DISTINCT FROM s.rate_pa
            AND (NEW.terms ->> 'pd')::float8 IS NOT DISTINCT FROM s.pd
            AND NEW.terms ->> 'grade' = s.grade AND NEW.terms ->> 'verdict' = s.verdict)
    THEN
        RAISE EXCEPTION 'an assessment is the newest on record, figure by figure'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_assessment BEFORE INSERT ON platform_loanstep
FOR EACH ROW WHEN (NEW.move = 'assess') EXECUTE FUNCTION check_assessment();

CREATE FUNCTION check_loan() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offer jsonb := (SELECT terms FROM platform_loanstep
        WHERE application_id = NEW.application_id AND move = 'propose' ORDER BY n DESC LIMIT 1);
    lent record;
BEGIN
    SELECT * INTO lent FROM platform_loanstep WHERE id = NEW.step_id;
    IF lent.application_id <> NEW.application_id
        OR NEW.amount_fen IS DISTINCT FROM 100 * (offer ->> 'amount_cny')::bigint
        OR NEW.term_months IS DISTINCT FROM (offer ->> 'term_months')::int
        OR NEW.rate_pa::numeric IS DISTINCT FROM round((offer ->> 'rate_pa')::numeric, 6)
        OR NEW.start_on IS DISTINCT FROM (lent.terms ->> 'start_on')::date
    THEN
        RAISE EXCEPTION 'a loan is what was offered and lent' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER z_check_loan BEFORE INSERT ON platform_loan
FOR EACH ROW EXECUTE FUNCTION check_loan();

CREATE FUNCTION check_repayment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM platform_loanstep AS step
            JOIN platform_loan AS loan ON loan.application_id = step.application_id
            WHERE step.id = NEW.step_id AND loan.id = NEW.loan_id
            AND (step.terms ->> 'amount_fen')::bigint = NEW.amount_fen
            AND (step.terms ->> 'paid_on')::date = NEW.paid_on) THEN
        RAISE EXCEPTION 'a repayment is what its step says' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER z_check_repayment BEFORE INSERT ON platform_loanrepayment
FOR EACH ROW EXECUTE FUNCTION check_repayment();
"""
"""Triggers of a table run by name: whether the row follows from a step at all is asked first."""
