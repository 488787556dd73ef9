-- One row a workspace: who pays for its calls, by what its events say. What it used and spent is in usage_summary.
CREATE TABLE views.workspace_billing (
    tenant text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    kind text,                                   -- workspace, platform; null while only its payer is known
    deployment text,
    runtime text,
    model text,
    override text,                               -- the workspace's own choice of mode; null = it follows the rules
    mode text,                                   -- platform_managed, byok, disabled
    source text,                                 -- the rung that decided
    provider text,
    policy text,
    payer text,                                  -- account that was pinned
    payer_pinned_at bigint,                      -- microseconds UTC
    registered_at bigint,                        -- microseconds UTC
    position bigint NOT NULL,                    -- of the latest event about it
    recorded_at bigint NOT NULL,                 -- of that event, microseconds UTC
    PRIMARY KEY (tenant, workspace_id)
) WITH (fillfactor = 80);
