-- Budgets, alerts and top-ups. Runs before the code that needs it.

-- One row a budget that holds. Amounts are nano-units of its currency.
CREATE TABLE views.budgets (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    budget_id text COLLATE "C" NOT NULL,
    scope text NOT NULL,                         -- account, user, workspace, key, team
    scope_value text,                            -- which one; null = the whole account
    window_kind text NOT NULL,                   -- day, week, month, total
    zone text NOT NULL,                          -- IANA name
    spend_limit bigint NOT NULL,
    enforcement text NOT NULL,                   -- hard, soft
    thresholds integer[] NOT NULL,               -- percent of the limit
    currency text NOT NULL,
    counted_from bigint NOT NULL,                -- usage recorded before it is not counted; microseconds UTC
    position bigint NOT NULL,                    -- of the event that set it
    PRIMARY KEY (tenant, account_id, budget_id)
);

-- One row a window in which something was counted, for good, as long as its budget holds.
CREATE TABLE views.budget_windows (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    budget_id text COLLATE "C" NOT NULL,
    window_start bigint NOT NULL,                -- microseconds UTC, inclusive; 0 for the one window of total
    window_end bigint NOT NULL,                  -- microseconds UTC, exclusive; the last instant for that of total
    spend bigint NOT NULL,
    position bigint NOT NULL,                    -- of the latest event that counted in it
    PRIMARY KEY (tenant, account_id, budget_id, window_start)
) WITH (fillfactor = 70);

-- One row an alert. Rows are never updated. Amounts are nano-units of the account's currency.
CREATE TABLE views.alerts (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,                          -- budget_threshold_crossed, credits_exhausted, auto_topup_disabled
    raised_at bigint NOT NULL,                   -- microseconds UTC
    budget_id text,                              -- of a budget: …
    window_kind text,                            -- day, week, month, total
    window_start bigint,                         -- microseconds UTC
    window_end bigint,
    threshold integer,                           -- percent of the limit
    spend bigint,
    spend_limit bigint,
    balance bigint,                              -- of an exhaustion
    topup_id text,                               -- of a top-up: …
    failures integer,                            -- in a row
    currency text,
    PRIMARY KEY (tenant, account_id, position)
);

-- One row an account whose credit is, or was, bought by itself. Amounts are nano-units of its currency.
CREATE TABLE views.topup_terms (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    threshold bigint NOT NULL,
    amount bigint NOT NULL,
    monthly_cap bigint,                          -- null = none
    enabled boolean NOT NULL,
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
