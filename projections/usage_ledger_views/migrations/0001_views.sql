-- The read side as of its first version. Runs before the code that needs it.

CREATE SCHEMA IF NOT EXISTS views;

-- How far the views have come on each shard. The row moves in the transaction of the effects, by compare-and-set.
CREATE TABLE views.progress (
    shard integer PRIMARY KEY,
    next_offset bigint NOT NULL DEFAULT 0,       -- the next record to read from the shard's partition
    position bigint NOT NULL DEFAULT 0,          -- highest position of the shard that was taken in
    recorded_at bigint NOT NULL DEFAULT 0        -- microseconds UTC of the newest event that was applied
) WITH (fillfactor = 10);

-- The last version of each stream that was applied: lower is a duplicate, a hole blocks the stream.
CREATE TABLE views.streams (
    stream_id text COLLATE "C" PRIMARY KEY,
    shard integer NOT NULL,
    version bigint NOT NULL
) WITH (fillfactor = 70);

-- Streams that the projector refuses to go on with. Their later events are skipped until somebody repairs them.
CREATE TABLE views.blocked_streams (
    stream_id text COLLATE "C" PRIMARY KEY,
    shard integer NOT NULL,
    reason text NOT NULL,                        -- gap, undecodable, apply_failed, write_failed
    detail text NOT NULL,
    record_offset bigint NOT NULL,               -- of the record that could not be applied
    position bigint,                             -- its position in the shard, if its headers could be read
    last_version bigint NOT NULL,                -- the last version that was applied
    blocked_at timestamptz NOT NULL DEFAULT now()
);

-- One row an account: what it has, as its latest event says it. Amounts are nano-units of the account's currency.
CREATE TABLE views.account_balances (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    owner_kind text NOT NULL,                    -- personal, org, platform_service
    tier text,                                   -- platform_service accounts only
    funding text NOT NULL,                       -- prepaid, invoiced
    status text NOT NULL,                        -- open, suspended, closed
    currency text NOT NULL,
    zone text NOT NULL,
    overdraft_limit bigint NOT NULL,
    credit_limit bigint,                         -- null = unlimited
    posted bigint NOT NULL DEFAULT 0,            -- lot remainders minus overdraft
    held bigint NOT NULL DEFAULT 0,
    available bigint NOT NULL GENERATED ALWAYS AS (posted - held) STORED,
    overdraft bigint NOT NULL DEFAULT 0,         -- owed on 1300
    unbilled bigint NOT NULL DEFAULT 0,          -- receivable on 1200
    opened_at bigint NOT NULL,                   -- microseconds UTC
    position bigint NOT NULL,                    -- of the latest event that moved or opened it
    recorded_at bigint NOT NULL,                 -- of that event, microseconds UTC
    PRIMARY KEY (tenant, account_id)
) WITH (fillfactor = 60);

-- One row a lot of credit. A lot that is used up stays, with nothing remaining.
CREATE TABLE views.account_lots (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    lot text COLLATE "C" NOT NULL,
    kind text NOT NULL,                          -- purchase, signup, admin, promo …
    amount bigint NOT NULL,                      -- as it came in, before it settled debt
    remaining bigint NOT NULL,
    priority integer NOT NULL,                   -- low is used first
    effective_at bigint NOT NULL,                -- microseconds UTC
    expires_at bigint,                           -- microseconds UTC; null = never
    recorded_at bigint NOT NULL,
    position bigint NOT NULL,                    -- of the event that granted it
    PRIMARY KEY (tenant, account_id, lot)
) WITH (fillfactor = 60);

-- One row an event that moved money on an account: the statement and the journal. Rows are never updated.
-- recorded_at never goes back within a shard, so the key's order is the order of positions.
CREATE TABLE views.account_entries (
    tenant text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    recorded_at bigint NOT NULL,                 -- microseconds UTC
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,                          -- entry type: purchase, grant, usage …
    effect bigint NOT NULL,                      -- what it did to the balance, signed, nano-units
    running_balance bigint NOT NULL,             -- the balance after it, nano-units
    held bigint NOT NULL,                        -- open holds after it, nano-units
    reference text NOT NULL,                     -- payment, grant reference, or the command's id
    entries jsonb NOT NULL,                      -- [{type, lines: [{code, side, amount, lot}]}], amounts in nano-units
    occurred_at bigint NOT NULL,                 -- microseconds UTC
    PRIMARY KEY (tenant, account_id, recorded_at, position)
);

-- One row a workspace: who pays for its calls, by what its events say. What it used and spent is in usage_daily.
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
