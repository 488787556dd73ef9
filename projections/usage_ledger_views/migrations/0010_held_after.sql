-- What accounts held at any time. Runs before the code that needs it, with the projectors stopped; it knows what is recorded
-- from then on.

-- One row a change of what an account holds: holds move no money, so its entries do not tell. Rows are never updated.
CREATE TABLE views.held_after (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    recorded_at bigint NOT NULL,                 -- microseconds UTC
    position bigint NOT NULL,
    held bigint NOT NULL,                        -- open holds after it, nano-units
    PRIMARY KEY (tenant, account_id, recorded_at, position)
);
