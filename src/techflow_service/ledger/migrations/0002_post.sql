-- One request is one call of `post`: key, checks, money, claim and entry in one transaction.
-- A refusal raises, so that nothing of the request stays.

CREATE FUNCTION digest(e entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(array_to_json(ARRAY[
        e.previous_hash, e.pool_id, e.entry_n::text, e.tenant, e.request_key, e.fingerprint,
        e.route, e.source, e.target, array_to_json(e.parties)::text,
        array_to_json(e.amounts_fen)::text, e.claim_id, e.state, e.actor, e.evidence_hash,
        e.rule_version, to_char(e.happened_on, 'YYYY-MM-DD'),
        to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.detail
    ])::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION add_to(p_pool text, p_kind text, p_claim text, p_party text, p_fen bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account SET balance_fen = balance_fen + p_fen
    WHERE pool_id = p_pool AND kind = p_kind AND claim_id = p_claim AND party = p_party
      AND (kind = 'capital' OR balance_fen + p_fen >= 0);
    IF FOUND THEN
        RETURN;
    END IF;
    IF p_fen < 0 AND p_kind <> 'capital' THEN
        RAISE EXCEPTION '% of % holds less than % fen', p_kind, p_party, -p_fen
            USING ERRCODE = 'TF003';
    END IF;
    INSERT INTO account VALUES (p_pool, p_kind, p_claim, p_party, p_fen);
END $$;

CREATE FUNCTION use_caps(p_claim claim, p_fen numeric) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    rule cap;
    who text;
BEGIN
    FOR rule IN SELECT * FROM cap WHERE pool_id = p_claim.pool_id ORDER BY scope LOOP
        who := CASE rule.scope
            WHEN 'pool' THEN p_claim.pool_id
            WHEN 'year' THEN to_char(p_claim.reserved_on, 'YYYY')
            WHEN 'firm' THEN p_claim.firm_id
            WHEN 'bank' THEN p_claim.bank_id
            WHEN 'loan' THEN p_claim.loan_id
            ELSE p_claim.claim_id END;
        INSERT INTO cap_use VALUES (rule.pool_id, rule.scope, who, 0) ON CONFLICT DO NOTHING;
        UPDATE cap_use SET used_fen = used_fen + p_fen
        WHERE pool_id = rule.pool_id AND scope = rule.scope AND subject = who
          AND (p_fen < 0 OR used_fen + p_fen <= rule.limit_fen);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cap of % % is % fen; % fen more would pass it',
                rule.scope, who, rule.limit_fen, p_fen USING ERRCODE = 'TF004';
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION move_claim(e entry, p_from text[]) RETURNS claim LANGUAGE plpgsql AS $$
DECLARE
    subject claim;
BEGIN
    IF e.route = 'file' THEN
        INSERT INTO claim VALUES (
            e.pool_id, e.claim_id, e.state, e.detail::jsonb ->> 'firm_id',
            e.detail::jsonb ->> 'bank_id', e.detail::jsonb ->> 'loan_id', NULL
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
    IF e.route = 'reserve' THEN
        PERFORM 1 FROM account WHERE pool_id = e.pool_id AND kind = 'reserved'
            AND claim_id = e.claim_id AND balance_fen > 0;
        IF FOUND THEN
            RAISE EXCEPTION 'claim % has a reserve already; pay or release it first', e.claim_id
                USING ERRCODE = 'TF005';
        END IF;
        subject.reserved_on := e.happened_on;
    END IF;
    UPDATE claim SET state = e.state, reserved_on = subject.reserved_on
    WHERE pool_id = e.pool_id AND claim_id = e.claim_id;
    RETURN subject;
END $$;

CREATE FUNCTION move_money(e entry) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pooled CONSTANT text[] := ARRAY['capital', 'available'];
    taken text := CASE WHEN e.source = ANY (pooled) THEN '' ELSE e.claim_id END;
    given text := CASE WHEN e.target = ANY (pooled) THEN '' ELSE e.claim_id END;
BEGIN
    FOR i IN 1 .. cardinality(e.parties) LOOP
        PERFORM add_to(e.pool_id, e.source, taken, e.parties[i], -e.amounts_fen[i]);
        PERFORM add_to(e.pool_id, e.target, given, e.parties[i], e.amounts_fen[i]);
    END LOOP;
END $$;

CREATE FUNCTION set_caps(e entry) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT key AS scope, value::bigint AS limit_fen
                FROM jsonb_each_text(e.detail::jsonb -> 'caps') LOOP
        IF e.route = 'open' THEN
            INSERT INTO cap VALUES (e.pool_id, rule.scope, rule.limit_fen);
        ELSE
            UPDATE cap SET limit_fen = rule.limit_fen
            WHERE pool_id = e.pool_id AND scope = rule.scope;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the pool was opened without a cap per %; its use is not known',
                    rule.scope USING ERRCODE = 'TF002';
            END IF;
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION lock_pool(p_pool text, p_tenant text, p_route text) RETURNS pool
LANGUAGE plpgsql AS $$
DECLARE
    book pool;
BEGIN
    IF p_route = 'open' THEN
        INSERT INTO pool VALUES (p_pool, p_tenant, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the pool is open already, or its name is taken'
                USING ERRCODE = 'TF005';
        END IF;
    END IF;
    SELECT * INTO book FROM pool WHERE pool_id = p_pool AND tenant = p_tenant FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no pool %', p_pool USING ERRCODE = 'TF002';
    END IF;
    RETURN book;
END $$;

CREATE FUNCTION post(e entry, p_from text[]) RETURNS entry LANGUAGE plpgsql AS $$
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
        subject := move_claim(e, p_from);
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
