-- What else a key may be for, and when it rests. Runs before the code: doors that do not know the columns admit all.

ALTER TABLE ledger.service_keys
    ADD COLUMN models text[],                    -- patterns; null = all
    ADD COLUMN bill_to text[],                   -- accounts that may be named to pay; null = all that allow it
    ADD COLUMN circuit integer[],                -- requests, within seconds, open seconds; null = no breaker
    ADD CONSTRAINT circuit_is_whole CHECK (cardinality(circuit) = 3);
