-- A ledger in plain SQL, as a textbook has it, for comparison. It has what is compared and no more: idempotency,
-- balances that are locked, entries with two lines. No foreign keys, as the product has none either; with them it is
-- slower by a third.

DROP SCHEMA IF EXISTS textbook CASCADE;
CREATE SCHEMA textbook;

-- One row an account; money is nano-units. Room on the page, because every item updates a row.
CREATE TABLE textbook.accounts (
    account integer PRIMARY KEY,
    balance bigint NOT NULL
) WITH (fillfactor = 50);

-- Which items were taken already, and what was in them.
CREATE TABLE textbook.idempotency_keys (
    key text PRIMARY KEY,
    content bytea NOT NULL
);

-- One row an item.
CREATE TABLE textbook.entries (
    entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account integer NOT NULL,
    key text NOT NULL,
    workspace_id text NOT NULL,
    model text NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

-- Two rows an entry: the credit that was used, and the revenue.
CREATE TABLE textbook.lines (
    entry bigint NOT NULL,
    code smallint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (entry, code)
);
