-- Usage by hour of occurred_at (UTC) and everything it is asked by. Money is nano-units of the row's currency, which is
-- the account's, or that of a cost that came in another one: such a row carries the cost alone. What adds up over items
-- is numeric: one item may count 2^63 - 1 tokens, so two of them pass 64 bits.
CREATE TABLE views.usage_summary (
    tenant text COLLATE "C" NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,                      -- of the day, 0 to 23
    account_id text COLLATE "C" NOT NULL,        -- '' = metered, nobody is charged
    workspace_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,           -- whom the usage is attributed to; '' = unattributed
    key_id text COLLATE "C" NOT NULL,            -- the gateway's key it is attributed to; '' = unattributed
    provider text COLLATE "C" NOT NULL,          -- '' = not stated
    model text COLLATE "C" NOT NULL,
    mode text COLLATE "C" NOT NULL,              -- platform_managed, byok, disabled
    credential text COLLATE "C" NOT NULL,        -- platform, byok, UNKNOWN
    currency text COLLATE "C" NOT NULL,          -- '' = no money in the row
    requests bigint NOT NULL,                    -- usage items
    charged numeric NOT NULL,
    provider_cost numeric NOT NULL,
    unpriced bigint NOT NULL,                    -- items that no price was found for
    route_mismatches bigint NOT NULL,            -- items whose credential contradicts the decision
    last_occurred_at bigint NOT NULL,            -- microseconds UTC
    input_tokens numeric NOT NULL,
    cache_read_tokens numeric NOT NULL,
    cache_write_5m_tokens numeric NOT NULL,
    cache_write_1h_tokens numeric NOT NULL,
    output_tokens numeric NOT NULL,
    reasoning_tokens numeric NOT NULL,
    audio_input_tokens numeric NOT NULL,
    audio_output_tokens numeric NOT NULL,
    image_input_tokens numeric NOT NULL,
    image_output_tokens numeric NOT NULL,
    images numeric NOT NULL,
    request_units numeric NOT NULL,              -- the bucket `requests`
    characters numeric NOT NULL,
    audio_milliseconds numeric NOT NULL,
    searches numeric NOT NULL,
    PRIMARY KEY (tenant, day, hour, account_id, workspace_id, user_id, key_id, provider, model, mode, credential,
                 currency)
) WITH (fillfactor = 70);

-- One account's usage, and one workspace's, without reading the rest of its tenant's.
CREATE INDEX usage_summary_by_account ON views.usage_summary (tenant, account_id, day);
CREATE INDEX usage_summary_by_workspace ON views.usage_summary (tenant, workspace_id, day);
