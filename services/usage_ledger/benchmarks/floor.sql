-- The ledger's two tables of usage without keys and indexes: the least that has to be written for the same load.

DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;

CREATE TABLE floor.events (
    shard integer NOT NULL,
    position bigint NOT NULL,
    stream_id text NOT NULL,
    stream_version bigint NOT NULL,
    recorded_at bigint NOT NULL,
    fingerprint bytea NOT NULL,
    prev_leaf bytea NOT NULL,
    leaf bytea NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE floor.attempts (
    key bytea NOT NULL,
    content bytea NOT NULL,
    shard integer NOT NULL,
    position bigint NOT NULL
);
