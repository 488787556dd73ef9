-- One row a command that was refused by rule, with what the rule saw (U2). Rows are never updated.
CREATE TABLE views.refusals (
    tenant text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    source text COLLATE "C" NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    command_type text NOT NULL,                  -- OpenAccount, GrantCredits …
    code text NOT NULL,
    detail text NOT NULL,
    facts json NOT NULL,                         -- what the rule saw, text by name
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    refused_at bigint NOT NULL,                  -- microseconds UTC
    PRIMARY KEY (tenant, position)
);
