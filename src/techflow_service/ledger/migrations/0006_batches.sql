-- Requests of one pool that come together are posted together: one call, one transaction, one wait
-- for the disk. Each posting takes fewer and shorter statements.

-- The sign says which side of zero an account keeps: a rule that is short to read, as the server
-- reads it anew for every change.
ALTER TABLE account DROP CONSTRAINT account_kind_check, DROP CONSTRAINT no_overdraft;
CREATE TABLE account_kind (kind text PRIMARY KEY, sign smallint NOT NULL);
COMMENT ON TABLE account_kind IS
    'Side of zero: 1 never below, -1 never above, 0 either (more may leave than was paid in).';
INSERT INTO account_kind VALUES
    ('capital', 0), ('available', 1), ('reserved', 1), ('recourse', 1), ('lost', 1), ('due', 1),
    ('fees', -1), ('discounts', -1), ('relending', -1);
ALTER TABLE account ADD COLUMN sign smallint;
UPDATE account a SET sign = k.sign FROM account_kind k WHERE k.kind = a.kind;
ALTER TABLE account ALTER COLUMN sign SET NOT NULL,
    ADD CONSTRAINT no_overdraft CHECK (balance_fen * sign >= 0);

-- A request as it comes; the first fields are those of an entry.
CREATE TYPE asked AS (
    pool_id text, tenant text, request_key text, fingerprint text, route text, parties text[],
    amounts_fen bigint[], claim_id text, state text, actor text, evidence_hash text,
    rule_version text, happened_on date, recorded_at timestamptz, detail text,
    starts text[], apart text[], lacks text[], waits boolean
);

DROP PROCEDURE post_and_settle(
    entry, text[], text[], text[], boolean, bigint, text, text, text[], bigint[], timestamptz,
    text, text);
DROP FUNCTION post(entry, text[], text[], text[], boolean);
DROP FUNCTION lock_pool(text, text, text);
DROP FUNCTION move_money(entry);
DROP FUNCTION add_to(text, text, text, text, bigint);

CREATE FUNCTION add_to(p_pool text, p_kind text, p_claim text, p_party text, p_fen bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    side smallint;
BEGIN
    UPDATE account SET balance_fen = balance_fen + p_fen
    WHERE pool_id = p_pool AND kind = p_kind AND claim_id = p_claim AND party = p_party
      AND (balance_fen + p_fen) * sign >= 0;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT sign INTO STRICT side FROM account_kind WHERE kind = p_kind;
    IF p_fen * side < 0 THEN
        RAISE EXCEPTION '% of % holds less than % fen', p_kind, p_party, abs(p_fen)
            USING ERRCODE = 'TF003';
    END IF;
    INSERT INTO account VALUES (p_pool, p_kind, p_claim, p_party, p_fen, side);
END $$;

CREATE FUNCTION move_money(
    p_pool text, p_claim text, p_source text, p_target text, p_parties text[], p_fen bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    by_claim CONSTANT text[] := ARRAY['reserved', 'recourse', 'lost'];
    taken CONSTANT text := CASE WHEN p_source = ANY (by_claim) THEN p_claim ELSE '' END;
    given CONSTANT text := CASE WHEN p_target = ANY (by_claim) THEN p_claim ELSE '' END;
    total bigint := 0;
    nothing text;
BEGIN
    FOR i IN 1 .. cardinality(p_parties) LOOP
        total := total + p_fen[i];
        nothing := add_to(p_pool, p_source, taken, p_parties[i], -p_fen[i]);
        nothing := add_to(p_pool, p_target, given, p_parties[i], p_fen[i]);
    END LOOP;
    RETURN total;
END $$;

CREATE OR REPLACE FUNCTION use_caps(p_claim claim, p_fen bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    rule record;
    who text;
    used bigint;
BEGIN
    FOR rule IN SELECT scope, limit_fen FROM cap WHERE pool_id = p_claim.pool_id ORDER BY scope LOOP
        who := CASE rule.scope
            WHEN 'pool' THEN p_claim.pool_id
            WHEN 'year' THEN to_char(p_claim.reserved_on, 'YYYY')
            WHEN 'firm' THEN p_claim.firm_id
            WHEN 'bank' THEN p_claim.bank_id
            WHEN 'loan' THEN p_claim.loan_id
            ELSE p_claim.claim_id END;
        UPDATE cap_use SET used_fen = used_fen + p_fen
        WHERE pool_id = p_claim.pool_id AND scope = rule.scope AND subject = who
        RETURNING used_fen INTO used;
        IF NOT FOUND THEN
            used := p_fen;
            INSERT INTO cap_use VALUES (p_claim.pool_id, rule.scope, who, used);
        END IF;
        IF p_fen > 0 AND used > rule.limit_fen THEN
            RAISE EXCEPTION 'cap of % % is % fen; % fen more would pass it',
                rule.scope, who, rule.limit_fen, p_fen USING ERRCODE = 'TF004';
        END IF;
    END LOOP;
END $$;

-- A pool, locked; all NULL if there is none of that name for the tenant.
CREATE FUNCTION lock_pool(a asked) RETURNS pool LANGUAGE plpgsql AS $$
DECLARE
    book pool;
BEGIN
    IF a.route = 'open' THEN
        INSERT INTO pool VALUES (a.pool_id, a.tenant, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
    END IF;
    SELECT * INTO book FROM pool WHERE pool_id = a.pool_id AND tenant = a.tenant FOR UPDATE;
    RETURN book;
END $$;

-- One request, with its pool locked and as far as it has come. The key is looked up after the lock,
-- so that of two requests with one key the second sees the first; a key that is used in another
-- pool at the same moment meets the unique index.
CREATE FUNCTION post(a asked, book pool) RETURNS entry LANGUAGE plpgsql AS $$
DECLARE
    e entry;
    subject claim;
    source text;
    target text;
    sign integer;
    print text;
    fen bigint;
    nothing text;
BEGIN
    SELECT r.source, r.target, r.cap_sign, (
        SELECT k.fingerprint FROM entry k WHERE k.tenant = a.tenant AND k.request_key = a.request_key
    ) INTO source, target, sign, print FROM route r WHERE r.route = a.route;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no route %', a.route USING ERRCODE = 'TF002';
    ELSIF print <> a.fingerprint THEN
        RAISE EXCEPTION 'the key was used for another request' USING ERRCODE = 'TF001';
    ELSIF print IS NOT NULL THEN
        SELECT * INTO e FROM entry WHERE tenant = a.tenant AND request_key = a.request_key;
        RETURN e;
    END IF;
    IF a.claim_id IS NULL AND a.lacks[1] <> '' THEN
        RAISE EXCEPTION '%', a.lacks[1] USING ERRCODE = 'TF007';
    END IF;
    IF a.route = 'open' AND coalesce(book.entries_n, 1) > 0 THEN
        RAISE EXCEPTION 'the pool is open already, or its name is taken' USING ERRCODE = 'TF005';
    ELSIF book.pool_id IS DISTINCT FROM a.pool_id THEN
        RAISE EXCEPTION 'there is no pool %', a.pool_id USING ERRCODE = 'TF002';
    END IF;
    e := ROW(
        a.pool_id, book.entries_n + 1, a.tenant, a.request_key, a.fingerprint, a.route, source,
        target, a.parties, a.amounts_fen, a.claim_id, a.state, a.actor, a.evidence_hash,
        a.rule_version, a.happened_on, a.recorded_at, a.detail, book.head_hash, '');
    IF a.claim_id IS NOT NULL THEN
        subject := move_claim(e, a.starts, a.apart, a.lacks, a.waits, book.notice_days);
    ELSIF a.route IN ('fee', 'discount', 'relend') THEN
        nothing := charge(e);
    END IF;
    IF source IS NOT NULL THEN
        fen := move_money(a.pool_id, a.claim_id, source, target, a.parties, a.amounts_fen);
        IF sign <> 0 THEN
            nothing := use_caps(subject, sign * fen);
        END IF;
    ELSIF a.route IN ('open', 'cap') THEN
        nothing := set_caps(e);
    END IF;
    e.entry_hash := digest(e);
    INSERT INTO entry SELECT e.*;
    RETURN e;
END $$;

-- Requests of one pool in JSON, all or none; what became of them in the same order. What the caller
-- knows is not sent back.
CREATE FUNCTION post_all(requests json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    a asked;
    book pool;
    e entry;
    told text := '';
BEGIN
    FOR a IN SELECT * FROM json_populate_recordset(NULL::asked, requests) LOOP
        IF book.pool_id IS NULL OR a.route = 'open' THEN
            book := lock_pool(a);
        END IF;
        e := post(a, book);
        told := told || ',' || json_build_array(
            e.entry_n, e.source, e.target, e.parties, e.amounts_fen, e.recorded_at,
            e.previous_hash, e.entry_hash);
        IF e.entry_n > book.entries_n THEN
            book.entries_n := e.entry_n;
            book.head_hash := e.entry_hash;
            IF a.route IN ('open', 'cap') THEN
                SELECT notice_days INTO book.notice_days FROM pool WHERE pool_id = book.pool_id;
            END IF;
        END IF;
    END LOOP;
    UPDATE pool SET entries_n = book.entries_n, head_hash = book.head_hash
    WHERE pool_id = book.pool_id AND entries_n < book.entries_n;
    RETURN '[' || substr(told, 2) || ']';
END $$;

-- As before, the first transaction ends without the wait for the disk, which lets go of the pool;
-- the end of the second is the wait, and nobody is answered before it.
CREATE PROCEDURE post_and_settle(requests json, INOUT told json) LANGUAGE plpgsql AS $$
DECLARE
    nothing text;
BEGIN
    nothing := set_config('synchronous_commit', 'off', true);
    told := post_all(requests);
    COMMIT;
    nothing := set_config('synchronous_commit', 'on', true);
    nothing := pg_logical_emit_message(true, 'ledger', '');
END $$;
