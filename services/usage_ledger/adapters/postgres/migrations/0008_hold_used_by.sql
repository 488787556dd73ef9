-- Whose call a hold is for that another account pays: its keys may close it as well. Runs before the code that needs it.

ALTER TABLE ledger.holds ADD COLUMN used_by text COLLATE "C";  -- null: the payer's own
