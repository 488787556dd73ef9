-- One row a hold, for good. Amounts are nano-units of its account's currency (H4-H7).
CREATE TABLE views.holds (
    tenant text COLLATE "C" NOT NULL,
    hold_id text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,        -- whose credit is reserved
    workspace_id text COLLATE "C" NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,                      -- as it was placed
    model text,                                  -- what it was rated for; null = the amount was given
    price_version text,                          -- what it was rated by
    mode text NOT NULL,                          -- platform_managed, byok
    mode_source text NOT NULL,
    payer_reason text NOT NULL,
    used_by text,                                -- the account whose calls they are, where another one pays
    user_id text,                                -- whom the calls are attributed to
    placed_at bigint NOT NULL,                   -- microseconds UTC
    expires_at bigint NOT NULL,                  -- microseconds UTC
    position bigint NOT NULL,                    -- of the event that placed it
    state text NOT NULL,                         -- open, settled, released, expired
    held bigint NOT NULL,                        -- what is still reserved
    captured bigint NOT NULL,                    -- what the usage that named it was charged
    overage bigint NOT NULL,                     -- the part of that beyond what was reserved
    released bigint NOT NULL,                    -- what is free again
    closed_at bigint,                            -- microseconds UTC; null while it is open
    PRIMARY KEY (tenant, hold_id)
) WITH (fillfactor = 60);

-- Newest first: a tenant's, and the open ones of an account.
CREATE UNIQUE INDEX holds_by_position ON views.holds (tenant, position);
CREATE INDEX holds_open ON views.holds (tenant, account_id, position) WHERE state = 'open';

-- One row an account that ever had a hold: all of them together. What adds up for ever has no upper limit.
CREATE TABLE views.hold_totals (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    currency text NOT NULL,
    placed bigint NOT NULL,                      -- how many there ever were
    open bigint NOT NULL,                        -- how many are open
    held numeric NOT NULL,
    captured numeric NOT NULL,
    overage numeric NOT NULL,
    released numeric NOT NULL,
    PRIMARY KEY (tenant, account_id)
) WITH (fillfactor = 60);

-- One row a change of what an account holds: holds move no money, so its entries do not tell. Rows are never updated.
CREATE TABLE views.held_after (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    recorded_at bigint NOT NULL,                 -- microseconds UTC
    position bigint NOT NULL,
    held bigint NOT NULL,                        -- open holds after it, nano-units
    PRIMARY KEY (tenant, account_id, recorded_at, position)
);
