-- What the Kafka door could not take: bytes that nobody can read, or that their topic may not say. Runs before the code.

-- One row a record, however often it is delivered. A topic that was made anew counts its offsets from zero again: the
-- digest tells its records from the old ones. The bytes themselves stay on the topic until its retention ends.
CREATE TABLE ledger.dead_letters (
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    digest bytea NOT NULL,                       -- SHA-256 of the whole record value
    letter bigint GENERATED ALWAYS AS IDENTITY UNIQUE,  -- order of arrival, with gaps: what pages go by
    reason text NOT NULL,
    size bigint NOT NULL,                        -- bytes of the whole record value
    head bytea NOT NULL CHECK (octet_length(head) <= 4096),  -- the first 4 KB: may hold anything, also secrets
    received_at bigint NOT NULL,                 -- microseconds UTC
    PRIMARY KEY (topic, partition, "offset", digest)
);
