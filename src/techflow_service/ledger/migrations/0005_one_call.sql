-- One call is the whole posting: the work, then the wait for the disk with nothing locked. And a
-- loan is charged for each day once.

CREATE TABLE charged (
    pool_id text REFERENCES pool,
    route text,
    name text,
    loan_id text,
    until date NOT NULL,
    PRIMARY KEY (pool_id, route, name, loan_id)
);
COMMENT ON TABLE charged IS 'Until which day, itself left out, a loan has been charged.';

CREATE FUNCTION charge(e entry) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told CONSTANT jsonb := e.detail::jsonb;
BEGIN
    INSERT INTO charged VALUES (
        e.pool_id, e.route, told ->> 'name', told ->> 'loan_id', (told ->> 'until')::date
    ) ON CONFLICT (pool_id, route, name, loan_id) DO UPDATE SET until = excluded.until
    WHERE charged.until <= (told ->> 'since')::date;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% % of loan % is posted already for days from %; begin where it ended',
            e.route, told ->> 'name', told ->> 'loan_id', told ->> 'since'
            USING ERRCODE = 'TF008';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION post(
    e entry, p_from text[], p_apart text[], p_lacks text[], p_waits boolean
) RETURNS entry LANGUAGE plpgsql AS $$
DECLARE
    known entry;
    book pool;
    subject claim;
    sign integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(e.tenant || E'\n' || e.request_key, 0));
    SELECT * INTO known FROM entry WHERE tenant = e.tenant AND request_key = e.request_key;
    IF FOUND THEN
        IF known.fingerprint <> e.fingerprint THEN
            RAISE EXCEPTION 'the key was used for another request' USING ERRCODE = 'TF001';
        END IF;
        RETURN known;
    END IF;
    IF e.claim_id IS NULL AND p_lacks[1] <> '' THEN
        RAISE EXCEPTION '%', p_lacks[1] USING ERRCODE = 'TF007';
    END IF;
    SELECT r.source, r.target, r.cap_sign INTO e.source, e.target, sign
    FROM route r WHERE r.route = e.route;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no route %', e.route USING ERRCODE = 'TF002';
    END IF;
    book := lock_pool(e.pool_id, e.tenant, e.route);
    IF e.claim_id IS NOT NULL THEN
        subject := move_claim(e, p_from, p_apart, p_lacks, p_waits, book.notice_days);
    ELSIF e.route IN ('fee', 'discount', 'relend') THEN
        PERFORM charge(e);
    END IF;
    IF e.source IS NOT NULL THEN
        PERFORM move_money(e);
        IF sign <> 0 THEN
            PERFORM use_caps(
                subject, (sign * (SELECT sum(fen) FROM unnest(e.amounts_fen) fen))::bigint);
        END IF;
    ELSIF e.route IN ('open', 'cap') THEN
        PERFORM set_caps(e);
    END IF;
    e.entry_n := book.entries_n + 1;
    e.previous_hash := book.head_hash;
    e.entry_hash := digest(e);
    INSERT INTO entry SELECT e.*;
    UPDATE pool SET entries_n = e.entry_n, head_hash = e.entry_hash WHERE pool_id = e.pool_id;
    RETURN e;
END $$;

-- The first transaction ends without the wait, which lets go of the pool; the second one's end is
-- the wait, and the log is one sequence, so that what is on the disk then includes the first. The
-- caller is answered after it. What the caller knows is not sent back.
CREATE PROCEDURE post_and_settle(
    e entry, p_from text[], p_apart text[], p_lacks text[], p_waits boolean,
    INOUT entry_n bigint, INOUT source text, INOUT target text, INOUT parties text[],
    INOUT amounts_fen bigint[], INOUT recorded_at timestamptz, INOUT previous_hash text,
    INOUT entry_hash text
) LANGUAGE plpgsql AS $$
DECLARE
    done entry;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    done := post(e, p_from, p_apart, p_lacks, p_waits);
    COMMIT;
    PERFORM set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'ledger', '');
    entry_n := done.entry_n;
    source := done.source;
    target := done.target;
    parties := done.parties;
    amounts_fen := done.amounts_fen;
    recorded_at := done.recorded_at;
    previous_hash := done.previous_hash;
    entry_hash := done.entry_hash;
END $$;
