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
