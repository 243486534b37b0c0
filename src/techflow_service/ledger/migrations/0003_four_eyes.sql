-- Who moved a claim where, so that whoever claimed it does not review it, and neither pays it.

ALTER TABLE claim ADD COLUMN actors jsonb NOT NULL DEFAULT '{}';
UPDATE claim SET actors = (
    SELECT jsonb_object_agg(e.state, e.actor ORDER BY e.entry_n) FROM entry e
    WHERE e.pool_id = claim.pool_id AND e.claim_id = claim.claim_id
);

DROP FUNCTION post(entry, text[]);
DROP FUNCTION move_claim(entry, text[]);

CREATE FUNCTION move_claim(e entry, p_from text[], p_apart text[]) RETURNS claim LANGUAGE plpgsql AS $$
DECLARE
    subject claim;
BEGIN
    IF e.route = 'file' THEN
        INSERT INTO claim VALUES (
            e.pool_id, e.claim_id, e.state, e.detail::jsonb ->> 'firm_id',
            e.detail::jsonb ->> 'bank_id', e.detail::jsonb ->> 'loan_id', NULL,
            jsonb_build_object(e.state, e.actor)
        ) ON CONFLICT DO NOTHING RETURNING * INTO subject;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'claim % is filed already', e.claim_id USING ERRCODE = 'TF005';
        END IF;
        RETURN subject;
    END IF;
    SELECT * INTO subject FROM claim WHERE pool_id = e.pool_id AND claim_id = e.claim_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no claim %', e.claim_id USING ERRCODE = 'TF002';
    END IF;
    IF NOT subject.state = ANY (p_from) THEN
        RAISE EXCEPTION 'claim % is %; % to % needs one of: %', e.claim_id, subject.state,
            e.route, e.state, array_to_string(p_from, ', ') USING ERRCODE = 'TF005';
    END IF;
    IF EXISTS (SELECT FROM unnest(p_apart) past WHERE subject.actors ->> past = e.actor) THEN
        RAISE EXCEPTION 'claim %: % may not do this too; whoever made it % may not make it %',
            e.claim_id, e.actor, array_to_string(p_apart, ' or '), e.state
            USING ERRCODE = 'TF006';
    END IF;
    IF e.route = 'reserve' THEN
        PERFORM 1 FROM account WHERE pool_id = e.pool_id AND kind = 'reserved'
            AND claim_id = e.claim_id AND balance_fen > 0;
        IF FOUND THEN
            RAISE EXCEPTION 'claim % has a reserve already; pay or release it first', e.claim_id
                USING ERRCODE = 'TF005';
        END IF;
        subject.reserved_on := e.happened_on;
    END IF;
    UPDATE claim SET state = e.state, reserved_on = subject.reserved_on,
        actors = actors || jsonb_build_object(e.state, e.actor)
    WHERE pool_id = e.pool_id AND claim_id = e.claim_id;
    RETURN subject;
END $$;

CREATE FUNCTION post(e entry, p_from text[], p_apart text[]) RETURNS entry LANGUAGE plpgsql AS $$
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
    SELECT r.source, r.target, r.cap_sign INTO e.source, e.target, sign
    FROM route r WHERE r.route = e.route;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no route %', e.route USING ERRCODE = 'TF002';
    END IF;
    book := lock_pool(e.pool_id, e.tenant, e.route);
    IF e.claim_id IS NOT NULL THEN
        subject := move_claim(e, p_from, p_apart);
    END IF;
    IF e.source IS NOT NULL THEN
        PERFORM move_money(e);
        IF sign <> 0 THEN
            PERFORM use_caps(subject, sign * (SELECT sum(fen) FROM unnest(e.amounts_fen) fen));
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
