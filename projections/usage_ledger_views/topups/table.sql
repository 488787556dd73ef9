-- One row an account whose credit is, or was, bought by itself. Amounts are nano-units of its currency.
CREATE TABLE views.topup_terms (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    threshold bigint NOT NULL,
    amount bigint NOT NULL,
    monthly_cap bigint,                          -- null = none
    enabled boolean NOT NULL,
    schedule text,                               -- day, week, month; null = none
    failures integer NOT NULL,                   -- in a row
    currency text NOT NULL,
    position bigint NOT NULL,                    -- of the latest event that changed the row
    PRIMARY KEY (tenant, account_id)
);

-- One row a top-up that was triggered.
CREATE TABLE views.topups (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    topup_id text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    trigger text NOT NULL DEFAULT 'balance',     -- what set it off the latest time: balance, schedule
    state text NOT NULL,                         -- in_flight, lapsed, failed, completed
    triggered_at bigint NOT NULL,                -- the latest time; microseconds UTC
    triggered_position bigint NOT NULL,          -- of that event
    lease_until bigint NOT NULL,                 -- microseconds UTC
    reason text,                                 -- why it failed, if anybody said
    payment_ref text,                            -- what paid for it
    position bigint NOT NULL,                    -- of the latest event about it
    PRIMARY KEY (tenant, account_id, topup_id)
);

-- An account's latest attempts.
CREATE INDEX topups_by_time ON views.topups (tenant, account_id, triggered_position);
