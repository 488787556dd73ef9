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
