-- Billing modes: runs, named states, their history. Runs before the code that needs it, with the projectors stopped; the new
-- tables hold what is recorded from then on.

ALTER TABLE views.workspace_billing
    ADD COLUMN organization_id text COLLATE "C",
    ADD COLUMN registry_version text,
    ADD COLUMN states text[],
    ADD COLUMN faults text[],
    ADD COLUMN answered_position bigint,
    ADD COLUMN run_id text,
    ADD COLUMN run_mode text,
    ADD COLUMN run_provider text,
    ADD COLUMN version bigint;

-- Until now no workspace named an organization, nothing but its own stream said its mode, and there were no runs.
UPDATE views.workspace_billing AS workspace
   SET organization_id = CASE WHEN mode IS NOT NULL THEN tenant END, states = '{}', faults = '{}',
       answered_position = CASE WHEN mode IS NULL THEN 0 ELSE position END,
       version = coalesce((SELECT stream.version FROM views.streams AS stream
                            WHERE stream.stream_id = tenant || '/workspace-' || workspace_id), 0);

ALTER TABLE views.workspace_billing
    ALTER COLUMN states SET NOT NULL,
    ALTER COLUMN faults SET NOT NULL,
    ALTER COLUMN answered_position SET NOT NULL,
    ALTER COLUMN version SET NOT NULL;

-- Few among many: overrides that do nothing or contradict the model, keys that nobody asks for, what no run can satisfy.
CREATE INDEX workspace_billing_stale_overrides ON views.workspace_billing (tenant, workspace_id)
 WHERE states && ARRAY['OVERRIDE_WITHOUT_EFFECT', 'OVERRIDE_AGAINST_MODEL'];
CREATE INDEX workspace_billing_unused_keys ON views.workspace_billing (tenant, workspace_id)
 WHERE states && ARRAY['VENDOR_KEY_ON_PLATFORM_MODEL'];
CREATE INDEX workspace_billing_unsatisfiable ON views.workspace_billing (tenant, workspace_id)
 WHERE states && ARRAY['BYOK_ON_PLATFORM_MODEL', 'BYOK_WITHOUT_ACCEPTED_CREDENTIAL', 'PLATFORM_MODE_WITHOUT_PROXY'];

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

-- One row a run that was decided or refused (billing-mode 8, 10, 12). Rows are never updated: a decision is frozen, and a
-- refusal decides nothing.
CREATE TABLE views.decisions (
    tenant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL,
    outcome text NOT NULL,                       -- started_on_proxy …, decision_only; refused
    code text,                                   -- of a refusal: the first gate that failed
    also text[] NOT NULL,                        -- and the others
    mode text NOT NULL,                          -- what the rules answered
    source text NOT NULL,                        -- the rung that decided
    provider text,
    how text NOT NULL,                           -- how the provider was derived, or why there is none
    policy text NOT NULL,
    registry_version text,                       -- null = unavailable
    registry_digest text,
    inputs jsonb NOT NULL,                       -- [{name, state, value}], of credentials only names
    trail jsonb NOT NULL,                        -- [{name, state, value, decided}], the rungs in order
    faults text[] NOT NULL,
    warnings text[] NOT NULL,                    -- named states
    withheld text[] NOT NULL,                    -- credential names that the run must not see
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

-- Newest first: all of them, a workspace's, and those that no rule but the last one decided.
CREATE INDEX decisions_by_time ON views.decisions (tenant, recorded_at, position);
CREATE INDEX decisions_by_workspace ON views.decisions (tenant, workspace_id, recorded_at, position);
CREATE INDEX decisions_by_fallback ON views.decisions (tenant, recorded_at, position)
 WHERE source IN ('derived_default', 'constant_fallback') AND outcome <> 'refused';

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
