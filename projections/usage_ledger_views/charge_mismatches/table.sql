-- One row a usage item that another one paid for than its decision says, or that was refused because its workspace is
-- disabled (billing-mode 9, 10, 13.6). Amounts are nano-units. A correction changes the row; one that voids takes it away.
CREATE TABLE views.charge_mismatches (
    tenant text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    attempt_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,                          -- platform_key_under_byok, platform_fallback, own_key_charged, mode_disabled
    workspace_id text COLLATE "C" NOT NULL,
    account_id text COLLATE "C",                 -- who was charged; null = nobody
    run_id text,
    mode text NOT NULL,                          -- the decision
    mode_source text,                            -- null of refused usage, as are the next two
    policy text,
    registry_version text,
    credential text NOT NULL,                    -- the route as it was observed: platform, byok, UNKNOWN
    provider text,
    model text NOT NULL,
    input_tokens bigint,                         -- null = only the provider's own counts are known
    cache_read_tokens bigint,
    output_tokens bigint,
    charged bigint,                              -- null = refused
    currency text,                               -- of the charge
    provider_cost bigint,                        -- null = unknown
    cost_currency text,
    exposure bigint,                             -- what the platform may not get back; null = unknown
    exposure_currency text,
    occurred_at bigint NOT NULL,                 -- microseconds UTC
    recorded_at bigint NOT NULL,                 -- of the event that said so first, microseconds UTC
    position bigint NOT NULL,                    -- of that event
    place integer NOT NULL,                      -- of the item in it
    PRIMARY KEY (tenant, source, attempt_id)
) WITH (fillfactor = 90);

-- Newest first: all of them, and a workspace's.
CREATE INDEX charge_mismatches_by_time ON views.charge_mismatches (tenant, recorded_at, position, place);
CREATE INDEX charge_mismatches_by_workspace
    ON views.charge_mismatches (tenant, workspace_id, recorded_at, position, place);
