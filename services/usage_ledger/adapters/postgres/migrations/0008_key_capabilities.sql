-- A key may be for calls of some capabilities only. Runs before the code: doors that do not know the column admit all.

ALTER TABLE ledger.service_keys ADD COLUMN capabilities text[];  -- null = all
