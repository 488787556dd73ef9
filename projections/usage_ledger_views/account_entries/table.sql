-- One row an event that moved money on an account: the statement and the journal. Rows are never updated.
-- recorded_at never goes back within a shard, so the key's order is the order of positions.
CREATE TABLE views.account_entries (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    recorded_at bigint NOT NULL,                 -- microseconds UTC
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,                          -- entry type: purchase, grant, usage …
    effect bigint NOT NULL,                      -- what it did to the balance, signed, nano-units
    running_balance bigint NOT NULL,             -- the balance after it, nano-units
    held bigint NOT NULL,                        -- open holds after it, nano-units
    reference text NOT NULL,                     -- payment, grant reference, or the command's id
    entries jsonb NOT NULL,                      -- [{type, lines: [{code, side, amount, lot}]}], amounts in nano-units
    occurred_at bigint NOT NULL,                 -- microseconds UTC
    PRIMARY KEY (tenant, account_id, recorded_at, position)
);

-- An account's fees without reading the rest of its statement.
CREATE INDEX account_entries_of_fees ON views.account_entries (tenant, account_id) WHERE type = 'fee';
