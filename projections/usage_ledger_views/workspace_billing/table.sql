-- One row a workspace: who pays for its calls, by what its events say. What it used and spent is in usage_summary.
CREATE TABLE views.workspace_billing (
    tenant text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    kind text,                                   -- workspace, platform; null while only its payer is known
    organization_id text COLLATE "C",            -- the tenant's own is called like the tenant
    deployment text,
    runtime text,
    model text,
    override text,                               -- the workspace's own choice as it is stored; null = it follows the rules
    mode text,                                   -- platform_managed, byok, disabled
    source text,                                 -- the rung that decided
    provider text,
    policy text,
    registry_version text,                       -- null = unavailable
    states text[] NOT NULL,                      -- named states: what somebody should look at
    faults text[] NOT NULL,                      -- what was wrong with the inputs
    answered_position bigint NOT NULL,           -- of the event that said mode to faults last; 0 = none did
    run_id text,                                 -- the run that was decided last; null = none was
    run_mode text,                               -- what it is, whatever the rules answer now
    run_provider text,
    payer text,                                  -- account that was pinned
    payer_pinned_at bigint,                      -- microseconds UTC
    registered_at bigint,                        -- microseconds UTC
    version bigint NOT NULL,                     -- of the workspace's own stream; 0 = none of its events is known
    position bigint NOT NULL,                    -- of the latest event about it
    recorded_at bigint NOT NULL,                 -- of that event, microseconds UTC
    PRIMARY KEY (tenant, workspace_id)
) WITH (fillfactor = 80);

-- Few among many: overrides that do nothing or contradict the model, keys that nobody asks for, what no run can satisfy.
CREATE INDEX workspace_billing_stale_overrides ON views.workspace_billing (tenant, workspace_id)
 WHERE states && ARRAY['OVERRIDE_WITHOUT_EFFECT', 'OVERRIDE_AGAINST_MODEL'];
CREATE INDEX workspace_billing_unused_keys ON views.workspace_billing (tenant, workspace_id)
 WHERE states && ARRAY['VENDOR_KEY_ON_PLATFORM_MODEL'];
CREATE INDEX workspace_billing_unsatisfiable ON views.workspace_billing (tenant, workspace_id)
 WHERE states && ARRAY['BYOK_ON_PLATFORM_MODEL', 'BYOK_WITHOUT_ACCEPTED_CREDENTIAL', 'PLATFORM_MODE_WITHOUT_PROXY'];
