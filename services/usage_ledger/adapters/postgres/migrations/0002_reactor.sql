-- What the reactor looks for, and how far it has come. Runs before the code that needs it.

-- The state of the quarantine streams: ids and reasons. An item leaves when it is booked or discarded by name (U5).
CREATE TABLE ledger.quarantined (
    key bytea NOT NULL,                          -- BLAKE2b-128 of tenant, source, attempt id
    disposition text NOT NULL,                   -- waiting (its id is taken), rejected (it may be sent again)
    tenant text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, disposition)
);

-- What waits for a workspace that was not registered.
CREATE INDEX quarantined_waiting ON ledger.quarantined (tenant, workspace_id, reason, key)
 WHERE disposition = 'waiting';

-- Lines without a price, until they are rated (U12). ledger.attempts says which event holds them.
CREATE TABLE ledger.suspended (
    key bytea PRIMARY KEY,                       -- BLAKE2b-128 of tenant, source, attempt id
    shard integer NOT NULL,
    model text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,          -- the account's: no price in another one helps
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    occurred_at bigint NOT NULL                  -- microseconds UTC: the price must hold then
);

-- What a price may rate, account by account.
CREATE INDEX suspended_by_model ON ledger.suspended (model, currency, shard, tenant, account_id, key);

-- Up to which position of a shard the reactor has reacted. Everything up to it has had its effect.
CREATE TABLE ledger.reactor_checkpoints (
    shard integer PRIMARY KEY,
    position bigint NOT NULL
) WITH (fillfactor = 10);
