-- What waits, what contradicts and what was refused. Runs before the code that needs it, with the projectors stopped: they
-- hold what is recorded from then on. What was recorded before, of a ledger that has history, only a fold of all of it
-- brings back.

-- One row a charge line without a price, until it is rated (U12).
CREATE TABLE views.suspense (
    tenant text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    attempt_id text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    provider text,
    model text NOT NULL,
    reason text NOT NULL,                        -- no_price, no_price_in_currency, bucket_unpriced …
    amount_at_risk bigint,                       -- nano-units: what was posted to suspense, else its cost; null = unknown
    currency text,                               -- of the amount at risk
    occurred_at bigint NOT NULL,                 -- microseconds UTC
    since bigint NOT NULL,                       -- microseconds UTC of the event that recorded the line
    position bigint NOT NULL,                    -- of that event
    place integer NOT NULL,                      -- of the line in it
    PRIMARY KEY (tenant, source, attempt_id)
) WITH (fillfactor = 90);

-- A tenant's lines, newest first.
CREATE UNIQUE INDEX suspense_by_position ON views.suspense (tenant, position, place);

-- One row an item in quarantine, until it is booked or discarded by name (U5). One that was rejected may come again: the
-- row then says what was sent last, and its age counts from the first.
CREATE TABLE views.quarantine (
    tenant text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    attempt_id text COLLATE "C" NOT NULL,
    disposition text COLLATE "C" NOT NULL,       -- waiting: booked when its fact arrives; rejected: may be sent again
    workspace_id text COLLATE "C" NOT NULL,
    reason text NOT NULL,                        -- the code: workspace_not_found, unknown_unit …
    amount_at_risk bigint,                       -- nano-units, as the item reported it; null = unknown
    currency text,                               -- of the amount at risk
    occurred_at bigint NOT NULL,                 -- microseconds UTC
    raw bytea NOT NULL,                          -- the item as JSON
    since bigint NOT NULL,                       -- microseconds UTC of the event that kept it first
    position bigint NOT NULL,                    -- of that event
    place integer NOT NULL,                      -- of the item in it
    PRIMARY KEY (tenant, source, attempt_id, disposition)
) WITH (fillfactor = 90);

-- A tenant's items, newest first.
CREATE UNIQUE INDEX quarantine_by_position ON views.quarantine (tenant, position, place);

-- One row an item that contradicts what was taken first under its id (U3). The first stays; rows are never updated.
CREATE TABLE views.conflicts (
    tenant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,                    -- of the event that noted it
    place integer NOT NULL,                      -- of the item in that event
    source text COLLATE "C" NOT NULL,
    attempt_id text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,                          -- conflict; suspected_duplicate: one response under two ids
    first_content bytea NOT NULL,                -- digest of what was taken, 16 bytes
    second_content bytea NOT NULL,               -- digest of what came later, 16 bytes
    amount_at_risk bigint,                       -- nano-units, as the later item reported it; null = unknown
    currency text,                               -- of the amount at risk
    raw bytea NOT NULL,                          -- the later item as JSON, its first 4 KB
    noted_at bigint NOT NULL,                    -- microseconds UTC
    PRIMARY KEY (tenant, position, place)
);

-- One row a command that was refused by rule, with what the rule saw (U2). Rows are never updated.
CREATE TABLE views.refusals (
    tenant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    source text COLLATE "C" NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    command_type text NOT NULL,                  -- OpenAccount, GrantCredits …
    code text NOT NULL,
    detail text NOT NULL,
    facts json NOT NULL,                         -- what the rule saw, text by name
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    refused_at bigint NOT NULL,                  -- microseconds UTC
    PRIMARY KEY (tenant, position)
);
