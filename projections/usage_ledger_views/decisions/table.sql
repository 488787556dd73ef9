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
