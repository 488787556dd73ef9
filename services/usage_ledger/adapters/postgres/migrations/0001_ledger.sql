-- The write side: the event store, its fence and its index tables. Runs before the code that needs it.

CREATE SCHEMA IF NOT EXISTS ledger;

-- What must never change while the store lives: the shard count, and when it was made.
CREATE TABLE ledger.store (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    shards integer NOT NULL CHECK (shards BETWEEN 1 AND 1024)
);

-- One row a shard. Its row lock is the fence: whoever holds it may append, so positions are gapless and in commit order.
CREATE TABLE ledger.shards (
    shard integer PRIMARY KEY,
    last_position bigint NOT NULL DEFAULT 0,
    last_recorded_at bigint NOT NULL DEFAULT 0,  -- microseconds UTC; recorded_at never goes back
    facts_position bigint NOT NULL DEFAULT 0,    -- shard 0 only: position of the last deployment-wide fact
    incarnation text NOT NULL                    -- another one after a restore, so that Kafka's readers notice
) WITH (fillfactor = 10);                        -- updated on every commit: room for updates within the page

-- The truth. Append-only: no role of the product may update or delete here.
CREATE TABLE ledger.events (
    shard integer NOT NULL,
    position bigint NOT NULL,
    stream_id text COLLATE "C" NOT NULL,
    stream_version bigint NOT NULL,
    recorded_at bigint NOT NULL,
    fingerprint bytea NOT NULL,                  -- CRC-64-AVRO of the writer schema, 8 bytes little-endian
    prev_leaf bytea NOT NULL,                    -- leaf of the stream's previous event, 32 zero bytes at version 1
    leaf bytea NOT NULL,
    body bytea NOT NULL,                         -- Avro, the very bytes that go to Kafka
    PRIMARY KEY (shard, position),
    UNIQUE (shard, stream_id, stream_version)
) PARTITION BY LIST (shard);

-- Which events of shard 0 are deployment-wide facts (prices, proxy): an appender reads only these.
CREATE TABLE ledger.facts (position bigint PRIMARY KEY);

-- State of a stream at a version, so that loading it need not start at version 1. Disposable.
CREATE TABLE ledger.snapshots (
    stream_id text COLLATE "C" PRIMARY KEY,
    stream_version bigint NOT NULL,
    format integer NOT NULL,                     -- layout of state; another one is ignored
    leaf bytea NOT NULL,                         -- leaf of the event at stream_version
    state bytea NOT NULL
);

-- Idempotency of commands: no expiry, written in the transaction of the events (U1, U2).
CREATE TABLE ledger.commands (
    digest bytea PRIMARY KEY,                    -- BLAKE2b-128 of tenant, source, command id
    request_hash bytea NOT NULL,
    outcome text NOT NULL,
    code text,
    detail text NOT NULL,
    facts jsonb NOT NULL,
    answer bytea NOT NULL,
    positions text[] NOT NULL,
    recorded_at bigint NOT NULL
);

-- Idempotency of attempts: one row per accepted or waiting usage item, for ever (U3).
CREATE TABLE ledger.attempts (
    key bytea NOT NULL,                          -- BLAKE2b-128 of tenant, source, attempt id
    content bytea NOT NULL,                      -- digest of what must be equal in a repeat
    shard integer NOT NULL,
    position bigint NOT NULL,                    -- the event that holds it
    PRIMARY KEY (key)
);

-- Things of the world that may happen once: a payment, a grant reference (C8, C9).
CREATE TABLE ledger.business_keys (
    digest bytea PRIMARY KEY,                    -- BLAKE2b-128 of tenant, kind, key
    content text NOT NULL,
    answer bytea NOT NULL
);

-- Keys as the doors check them; the secret itself is nowhere (K1).
CREATE TABLE ledger.service_keys (
    key_id text COLLATE "C" PRIMARY KEY,
    tenant text COLLATE "C" NOT NULL,
    secret_hash bytea NOT NULL,
    prefix text NOT NULL,
    scopes text[] NOT NULL,
    source text NOT NULL,
    account_id text,
    workspace_id text,
    tenants text[],
    expires_at bigint,
    revoked_at bigint
);
CREATE INDEX service_keys_by_tenant ON ledger.service_keys (tenant);

-- Who does a job that only one process may do at a time (relay of a shard, projector of a partition).
CREATE TABLE ledger.leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    until timestamptz NOT NULL
);

-- How far the relay of a shard is known to have published.
CREATE TABLE ledger.relay_checkpoints (
    shard integer PRIMARY KEY,
    position bigint NOT NULL
) WITH (fillfactor = 10);
