-- One row an item in quarantine, until it is booked or discarded by name (U5). One that was rejected may come again: the
-- row then says what was sent last, and its age counts from the first.
CREATE TABLE views.quarantine (
    tenant text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    attempt_id text COLLATE "C" NOT NULL,
    disposition text COLLATE "C" NOT NULL,       -- waiting: booked when its fact arrives; rejected: may be sent again
    workspace_id text COLLATE "C" NOT NULL,
    reason text NOT NULL,                        -- the code: workspace_not_found, unknown_unit …
    amount_at_risk bigint,                       -- nano-units, as the item reported it; null = unknown
    currency text,                               -- of the amount at risk
    occurred_at bigint NOT NULL,                 -- microseconds UTC
    raw bytea NOT NULL,                          -- the item as JSON
    since bigint NOT NULL,                       -- microseconds UTC of the event that kept it first
    position bigint NOT NULL,                    -- of that event
    place integer NOT NULL,                      -- of the item in it
    PRIMARY KEY (tenant, source, attempt_id, disposition)
) WITH (fillfactor = 90);

-- A tenant's items, newest first.
CREATE UNIQUE INDEX quarantine_by_position ON views.quarantine (tenant, position, place);
