-- One row a charge line without a price, until it is rated (U12).
CREATE TABLE views.suspense (
    tenant text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    attempt_id text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    provider text,
    model text NOT NULL,
    reason text NOT NULL,                        -- no_price, no_price_in_currency, bucket_unpriced …
    amount_at_risk bigint,                       -- nano-units: what was posted to suspense, else its cost; null = unknown
    currency text,                               -- of the amount at risk
    occurred_at bigint NOT NULL,                 -- microseconds UTC
    since bigint NOT NULL,                       -- microseconds UTC of the event that recorded the line
    position bigint NOT NULL,                    -- of that event
    place integer NOT NULL,                      -- of the line in it
    PRIMARY KEY (tenant, source, attempt_id)
) WITH (fillfactor = 90);

-- A tenant's lines, newest first.
CREATE UNIQUE INDEX suspense_by_position ON views.suspense (tenant, position, place);
