-- When something happens to an account by itself (C6): where the scheduler finds it if nobody else asks for the account.
-- Runs before the code that needs it. An account that nothing will happen to has no row.
CREATE TABLE ledger.due (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    shard integer NOT NULL,
    next_due bigint NOT NULL,                    -- microseconds UTC
    PRIMARY KEY (tenant, account_id)
) WITH (fillfactor = 80);

-- What is due, the oldest first.
CREATE INDEX due_by_time ON ledger.due (shard, next_due);
