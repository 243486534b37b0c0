-- Role, evidence and days of notice are judged with the rest of a posting; money that is due from
-- outside (fees, discounts, relending) has accounts; caps are used in one statement.

ALTER TABLE account DROP CONSTRAINT account_kind_check, DROP CONSTRAINT no_overdraft;
ALTER TABLE account ADD CONSTRAINT account_kind_check CHECK (kind IN (
    'capital', 'available', 'reserved', 'recourse', 'lost', 'due', 'fees', 'discounts', 'relending'
));
-- Fees can be taken out too, so that more may leave than was paid in.
ALTER TABLE account ADD CONSTRAINT no_overdraft CHECK (CASE
    WHEN kind = 'capital' THEN true
    WHEN kind IN ('fees', 'discounts', 'relending') THEN balance_fen <= 0
    ELSE balance_fen >= 0 END);
INSERT INTO route VALUES
    ('fee', 'fees', 'due', 0),
    ('discount', 'discounts', 'due', 0),
    ('relend', 'relending', 'due', 0),
    ('receive', 'due', 'available', 0),
    ('relend_back', 'available', 'relending', 0);

ALTER TABLE pool ADD COLUMN notice_days integer CHECK (notice_days >= 0);
ALTER TABLE claim ADD COLUMN moved_on date;
UPDATE claim SET actors = (
    SELECT jsonb_object_agg(state, makers) FROM (
        SELECT state, jsonb_agg(actor ORDER BY first_n) AS makers FROM (
            SELECT e.state, e.actor, min(e.entry_n) AS first_n FROM entry e
            WHERE e.pool_id = claim.pool_id AND e.claim_id = claim.claim_id
            GROUP BY e.state, e.actor
        ) AS each GROUP BY state
    ) AS by_state
), moved_on = (
    SELECT e.happened_on FROM entry e
    WHERE e.pool_id = claim.pool_id AND e.claim_id = claim.claim_id
    ORDER BY e.entry_n DESC LIMIT 1
);
ALTER TABLE claim ALTER COLUMN moved_on SET NOT NULL;

DROP FUNCTION post(entry, text[], text[]);
DROP FUNCTION move_claim(entry, text[], text[]);
DROP FUNCTION use_caps(claim, numeric);

CREATE OR REPLACE FUNCTION add_to(
    p_pool text, p_kind text, p_claim text, p_party text, p_fen bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account SET balance_fen = balance_fen + p_fen
    WHERE pool_id = p_pool AND kind = p_kind AND claim_id = p_claim AND party = p_party
      AND CASE WHEN p_kind = 'capital' THEN true
               WHEN p_kind IN ('fees', 'discounts', 'relending') THEN balance_fen + p_fen <= 0
               ELSE balance_fen + p_fen >= 0 END;
    IF FOUND THEN
        RETURN;
    END IF;
    IF p_kind <> 'capital'
       AND (p_fen > 0) = (p_kind IN ('fees', 'discounts', 'relending')) THEN
        RAISE EXCEPTION '% of % holds less than % fen', p_kind, p_party, abs(p_fen)
            USING ERRCODE = 'TF003';
    END IF;
    INSERT INTO account VALUES (p_pool, p_kind, p_claim, p_party, p_fen);
END $$;

CREATE FUNCTION use_caps(p_claim claim, p_fen bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    passed record;
BEGIN
    WITH used AS (
        INSERT INTO cap_use SELECT c.pool_id, c.scope, CASE c.scope
            WHEN 'pool' THEN p_claim.pool_id
            WHEN 'year' THEN to_char(p_claim.reserved_on, 'YYYY')
            WHEN 'firm' THEN p_claim.firm_id
            WHEN 'bank' THEN p_claim.bank_id
            WHEN 'loan' THEN p_claim.loan_id
            ELSE p_claim.claim_id END, greatest(p_fen, 0)
        FROM cap c WHERE c.pool_id = p_claim.pool_id
        ON CONFLICT (pool_id, scope, subject) DO UPDATE SET used_fen = cap_use.used_fen + p_fen
        RETURNING scope, subject, used_fen
    )
    SELECT u.scope, u.subject, c.limit_fen INTO passed
    FROM used u JOIN cap c ON c.pool_id = p_claim.pool_id AND c.scope = u.scope
    WHERE p_fen > 0 AND u.used_fen > c.limit_fen ORDER BY u.scope LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'cap of % % is % fen; % fen more would pass it',
            passed.scope, passed.subject, passed.limit_fen, p_fen USING ERRCODE = 'TF004';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION move_money(e entry) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pooled CONSTANT text[] :=
        ARRAY['capital', 'available', 'due', 'fees', 'discounts', 'relending'];
    taken text := CASE WHEN e.source = ANY (pooled) THEN '' ELSE e.claim_id END;
    given text := CASE WHEN e.target = ANY (pooled) THEN '' ELSE e.claim_id END;
BEGIN
    FOR i IN 1 .. cardinality(e.parties) LOOP
        PERFORM add_to(e.pool_id, e.source, taken, e.parties[i], -e.amounts_fen[i]);
        PERFORM add_to(e.pool_id, e.target, given, e.parties[i], e.amounts_fen[i]);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION set_caps(e entry) RETURNS void LANGUAGE plpgsql AS $$
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
    IF e.detail::jsonb ? 'notice_days' THEN
        UPDATE pool SET notice_days = (e.detail::jsonb ->> 'notice_days')::integer
        WHERE pool_id = e.pool_id;
    END IF;
END $$;

CREATE FUNCTION move_claim(
    e entry, p_from text[], p_apart text[], p_lacks text[], p_waits boolean, p_notice integer
) RETURNS claim LANGUAGE plpgsql AS $$
DECLARE
    subject claim;
    lacks text;
BEGIN
    IF e.route = 'file' THEN
        INSERT INTO claim VALUES (
            e.pool_id, e.claim_id, e.state, e.detail::jsonb ->> 'firm_id',
            e.detail::jsonb ->> 'bank_id', e.detail::jsonb ->> 'loan_id', NULL,
            jsonb_build_object(e.state, jsonb_build_array(e.actor)), e.happened_on
        ) ON CONFLICT DO NOTHING RETURNING * INTO subject;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'claim % is filed already', e.claim_id USING ERRCODE = 'TF005';
        END IF;
        lacks := p_lacks[1];
    ELSE
        SELECT * INTO subject FROM claim WHERE pool_id = e.pool_id AND claim_id = e.claim_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no claim %', e.claim_id USING ERRCODE = 'TF002';
        END IF;
        IF NOT subject.state = ANY (p_from) THEN
            RAISE EXCEPTION 'claim % is %; % to % needs one of: %', e.claim_id, subject.state,
                e.route, e.state, array_to_string(p_from, ', ') USING ERRCODE = 'TF005';
        END IF;
        lacks := p_lacks[array_position(p_from, subject.state)];
    END IF;
    IF lacks <> '' THEN
        RAISE EXCEPTION 'claim %: %', e.claim_id, lacks USING ERRCODE = 'TF007';
    END IF;
    IF e.route = 'file' THEN
        RETURN subject;
    END IF;
    FOR i IN 1 .. cardinality(p_apart) LOOP
        IF subject.actors -> p_apart[i] ? e.actor THEN
            RAISE EXCEPTION 'claim %: % may not do this too; whoever made it % may not make it %',
                e.claim_id, e.actor, array_to_string(p_apart, ' or '), e.state
                USING ERRCODE = 'TF006';
        END IF;
    END LOOP;
    IF e.happened_on < subject.moved_on THEN
        RAISE EXCEPTION 'claim %: % is before its last move on %', e.claim_id, e.happened_on,
            subject.moved_on USING ERRCODE = 'TF008';
    END IF;
    IF p_waits AND p_notice IS NULL THEN
        RAISE EXCEPTION 'the pool states no days of notice; state notice_days with route cap'
            USING ERRCODE = 'TF008';
    ELSIF p_waits AND e.happened_on < subject.moved_on + p_notice THEN
        RAISE EXCEPTION 'claim %: % may be made from %, % days after notice on %; got %',
            e.claim_id, e.route, subject.moved_on + p_notice, p_notice, subject.moved_on,
            e.happened_on USING ERRCODE = 'TF008';
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
    IF NOT coalesce(subject.actors -> e.state ? e.actor, false) THEN
        subject.actors := subject.actors || jsonb_build_object(
            e.state, coalesce(subject.actors -> e.state, '[]') || to_jsonb(e.actor));
    END IF;
    UPDATE claim SET state = e.state, reserved_on = subject.reserved_on,
        actors = subject.actors, moved_on = e.happened_on
    WHERE pool_id = e.pool_id AND claim_id = e.claim_id;
    RETURN subject;
END $$;

-- p_lacks: what a request lacks for the move from each state of p_from, or for opening a pool,
-- empty if nothing; worked out before, and told only here, so that a key that is known gives its
-- first answer whatever is asked of new requests.
CREATE FUNCTION post(
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
