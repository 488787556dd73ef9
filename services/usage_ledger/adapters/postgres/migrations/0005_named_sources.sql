-- Finding an attempt by its id alone. Runs before the code that needs it. What was recorded before by items that named
-- their own source is found with that source only.

-- The sources that items named themselves, beside those of keys and topics.
CREATE TABLE ledger.named_sources (
    attempt bytea NOT NULL,                      -- BLAKE2b-128 of tenant, attempt id
    source text COLLATE "C" NOT NULL,
    PRIMARY KEY (attempt, source)
);
