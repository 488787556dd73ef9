-- A rotated key has two secrets for a while. Runs before the code: doors that do not know the columns take the new one.

ALTER TABLE ledger.service_keys
    ADD COLUMN old_secret_hash bytea,
    ADD COLUMN old_valid_until bigint,           -- microseconds UTC
    ADD CONSTRAINT old_secret_ends CHECK ((old_secret_hash IS NULL) = (old_valid_until IS NULL));
