-- One row a change of what billing modes are derived from, or of the answer itself (billing-mode 12, 13.4). Rows are never
-- updated. Texts are as they are stored; null = none.
CREATE TABLE views.mode_history (
    tenant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    what text NOT NULL,                          -- registration, runtime, model, override, credential, org_default, answer
    organization_id text COLLATE "C",            -- the workspace's, or whose default it is
    workspace_id text COLLATE "C",               -- null = the organization's default
    scope text,                                  -- of a credential name: workspace, tenant
    value_before text,                           -- override, model, runtime, default or credential name
    value_after text,
    answer_before jsonb,                         -- {mode, source, provider, policy, registry_version} as the write found it
    answer_after jsonb,                          -- and left it; null of a default, which moves workspaces by events of theirs
    states text[] NOT NULL,                      -- named states that held after it
    faults text[] NOT NULL,
    origin text,                                 -- of a model: user, template, import, seed, reconcile
    reason text,                                 -- where one is required
    cause text,                                  -- of an answer that moved by itself: the id of the event that moved it
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    on_behalf_of_kind text,
    on_behalf_of_id text,
    command_source text NOT NULL,
    command_id text NOT NULL,
    correlation_id text NOT NULL,
    effective_at bigint NOT NULL,                -- microseconds UTC
    recorded_at bigint NOT NULL,                 -- microseconds UTC
    PRIMARY KEY (tenant, position)
);

-- Newest first: a workspace's, and an organization's with those of its workspaces.
CREATE INDEX mode_history_by_workspace ON views.mode_history (tenant, workspace_id, recorded_at, position);
CREATE INDEX mode_history_by_organization ON views.mode_history (tenant, organization_id, recorded_at, position);
