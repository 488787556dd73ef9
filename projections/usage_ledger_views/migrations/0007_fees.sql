-- An account's fees without reading the rest of its statement. Old and new code work with it and without.
CREATE INDEX account_entries_of_fees ON views.account_entries (tenant, account_id) WHERE type = 'fee';
