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
