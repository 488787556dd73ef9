-- One row an account: what it has, as its latest event says it. Amounts are nano-units of the account's currency.
CREATE TABLE views.account_balances (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    owner_kind text NOT NULL,                    -- personal, org, platform_service
    tier text,                                   -- platform_service accounts only
    funding text NOT NULL,                       -- prepaid, invoiced
    status text NOT NULL,                        -- open, suspended, closed
    currency text NOT NULL,
    zone text NOT NULL,
    overdraft_limit bigint NOT NULL,
    credit_limit bigint,                         -- null = unlimited
    posted bigint NOT NULL DEFAULT 0,            -- lot remainders minus overdraft
    held bigint NOT NULL DEFAULT 0,
    available bigint NOT NULL GENERATED ALWAYS AS (posted - held) STORED,
    overdraft bigint NOT NULL DEFAULT 0,         -- owed on 1300
    unbilled bigint NOT NULL DEFAULT 0,          -- receivable on 1200
    opened_at bigint NOT NULL,                   -- microseconds UTC
    position bigint NOT NULL,                    -- of the latest event that moved or opened it
    recorded_at bigint NOT NULL,                 -- of that event, microseconds UTC
    PRIMARY KEY (tenant, account_id)
) WITH (fillfactor = 60);

-- One row a lot of credit. A lot that is used up stays, with nothing remaining.
CREATE TABLE views.account_lots (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    lot text COLLATE "C" NOT NULL,
    kind text NOT NULL,                          -- purchase, signup, admin, promo …
    amount bigint NOT NULL,                      -- as it came in, before it settled debt
    remaining bigint NOT NULL,
    priority integer NOT NULL,                   -- low is used first
    effective_at bigint NOT NULL,                -- microseconds UTC
    expires_at bigint,                           -- microseconds UTC; null = never
    recorded_at bigint NOT NULL,
    position bigint NOT NULL,                    -- of the event that granted it
    PRIMARY KEY (tenant, account_id, lot)
) WITH (fillfactor = 60);
