-- Usage by day of occurred_at (UTC) and everything it is asked by. Money is nano-units of the row's currency, which is
-- the account's, or that of a cost that came in another one: such a row carries the cost alone.
CREATE TABLE views.usage_daily (
    tenant text COLLATE "C" NOT NULL,
    day date NOT NULL,
    account_id text COLLATE "C" NOT NULL,        -- '' = metered, nobody is charged
    workspace_id text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,          -- '' = not stated
    model text COLLATE "C" NOT NULL,
    mode text COLLATE "C" NOT NULL,              -- platform_managed, byok, disabled
    credential text COLLATE "C" NOT NULL,        -- platform, byok, UNKNOWN
    currency text COLLATE "C" NOT NULL,          -- '' = no money in the row
    requests bigint NOT NULL,                    -- usage items
    charged bigint NOT NULL,
    provider_cost bigint NOT NULL,
    unpriced bigint NOT NULL,                    -- items that no price was found for
    route_mismatches bigint NOT NULL,            -- items whose credential contradicts the decision
    last_occurred_at bigint NOT NULL,            -- microseconds UTC
    input_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_5m_tokens bigint NOT NULL,
    cache_write_1h_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    audio_input_tokens bigint NOT NULL,
    audio_output_tokens bigint NOT NULL,
    image_input_tokens bigint NOT NULL,
    image_output_tokens bigint NOT NULL,
    images bigint NOT NULL,
    request_units bigint NOT NULL,               -- the bucket `requests`
    characters bigint NOT NULL,
    audio_milliseconds bigint NOT NULL,
    searches bigint NOT NULL,
    PRIMARY KEY (tenant, day, account_id, workspace_id, provider, model, mode, credential, currency)
) WITH (fillfactor = 70);

-- One workspace's spend and tokens without reading its tenant's other workspaces.
CREATE INDEX usage_daily_by_workspace ON views.usage_daily (tenant, workspace_id, day);
