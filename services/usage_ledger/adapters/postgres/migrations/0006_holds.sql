-- Where each hold is, for whoever names it without its account. Runs before the code that needs it.

CREATE TABLE ledger.holds (
    digest bytea PRIMARY KEY,                    -- BLAKE2b-128 of tenant, hold id: an id is used once
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,        -- the payer's, whose stream has the hold's events
    workspace_id text COLLATE "C" NOT NULL,      -- for whose call it is
    state text NOT NULL,                         -- open, then exactly one of settled, released, expired (H4)
    position bigint NOT NULL                     -- of HoldPlaced, in the tenant's shard
) WITH (fillfactor = 80);                        -- every hold is closed once: room for the update within the page
