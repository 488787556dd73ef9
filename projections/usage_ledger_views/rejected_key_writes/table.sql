-- One row a credential name that was refused (billing-mode 6), with what it takes to judge it again by another policy: the
-- facts are the streams' up to the position. Names only, never a value. Rows are never updated.
CREATE TABLE views.rejected_key_writes (
    tenant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    scope text NOT NULL,                         -- workspace, tenant
    name text NOT NULL,
    at_creation boolean NOT NULL,                -- the workspace was to begin with it, and did not
    code text NOT NULL,
    rule text,                                   -- of the guard; null = the name is the platform's own
    model text,                                  -- what the whole command would have left
    runtime text,
    policy text NOT NULL,                        -- what judged
    registry_version text,                       -- null = unavailable
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    on_behalf_of_kind text,
    on_behalf_of_id text,
    command_source text NOT NULL,
    command_id text NOT NULL,
    correlation_id text NOT NULL,
    recorded_at bigint NOT NULL,                 -- microseconds UTC
    PRIMARY KEY (tenant, position)
);

-- Newest first: all of them, and a workspace's.
CREATE INDEX rejected_key_writes_by_time ON views.rejected_key_writes (tenant, recorded_at, position);
CREATE INDEX rejected_key_writes_by_workspace
    ON views.rejected_key_writes (tenant, workspace_id, recorded_at, position);
