-- Books of pools. All money is whole fen. Entries are only ever added.

CREATE TABLE route (
    route text PRIMARY KEY,
    source text,
    target text,
    cap_sign integer NOT NULL
);
COMMENT ON TABLE route IS 'Which account a route takes from and which it gives to.';
INSERT INTO route VALUES
    ('open', NULL, NULL, 0),
    ('cap', NULL, NULL, 0),
    ('file', NULL, NULL, 0),
    ('move', NULL, NULL, 0),
    ('deposit', 'capital', 'available', 0),
    ('withdraw', 'available', 'capital', 0),
    ('reserve', 'available', 'reserved', 1),
    ('release', 'reserved', 'available', -1),
    ('pay', 'reserved', 'recourse', 0),
    ('recover', 'recourse', 'available', 0),
    ('write_off', 'recourse', 'lost', 0),
    ('recover_late', 'lost', 'available', 0);

CREATE TABLE pool (
    pool_id text PRIMARY KEY,
    tenant text NOT NULL,
    entries_n bigint NOT NULL,
    head_hash text NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE cap (
    pool_id text REFERENCES pool,
    scope text CHECK (scope IN ('pool', 'year', 'firm', 'bank', 'loan', 'claim')),
    limit_fen bigint NOT NULL CHECK (limit_fen >= 0),
    PRIMARY KEY (pool_id, scope)
);

CREATE TABLE cap_use (
    pool_id text,
    scope text,
    subject text,
    used_fen bigint NOT NULL CHECK (used_fen >= 0),
    PRIMARY KEY (pool_id, scope, subject)
) WITH (fillfactor = 50);

CREATE TABLE account (
    pool_id text,
    kind text CHECK (kind IN ('capital', 'available', 'reserved', 'recourse', 'lost')),
    claim_id text,
    party text,
    balance_fen bigint NOT NULL,
    PRIMARY KEY (pool_id, kind, claim_id, party),
    CONSTRAINT no_overdraft
        CHECK (CASE kind WHEN 'capital' THEN balance_fen <= 0 ELSE balance_fen >= 0 END)
) WITH (fillfactor = 50);

CREATE TABLE claim (
    pool_id text REFERENCES pool,
    claim_id text,
    state text NOT NULL,
    firm_id text NOT NULL,
    bank_id text NOT NULL,
    loan_id text NOT NULL,
    reserved_on date,
    PRIMARY KEY (pool_id, claim_id)
) WITH (fillfactor = 70);

CREATE TABLE entry (
    pool_id text NOT NULL,
    entry_n bigint NOT NULL,
    tenant text NOT NULL,
    request_key text NOT NULL,
    fingerprint text NOT NULL,
    route text NOT NULL,
    source text,
    target text,
    parties text[] NOT NULL,
    amounts_fen bigint[] NOT NULL,
    claim_id text,
    state text,
    actor text NOT NULL,
    evidence_hash text NOT NULL,
    rule_version text NOT NULL,
    happened_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    detail text NOT NULL,
    previous_hash text NOT NULL,
    entry_hash text NOT NULL,
    PRIMARY KEY (pool_id, entry_n),
    UNIQUE (tenant, request_key)
);

CREATE FUNCTION keep_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries are only added: % refused; correct by a new entry', TG_OP
        USING ERRCODE = 'TF009';
END $$;
CREATE TRIGGER entry_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION keep_entries();
