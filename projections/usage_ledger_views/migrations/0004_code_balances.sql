-- Debits and credits by code, for the trial balance. Runs before the code that needs it, with the projectors stopped:
-- one of an older version does not keep the table.

-- One row a code of the chart of accounts that a tenant's entries ever touched, in each currency (J5). Nano-units.
-- Totals over accounts have no upper limit. Account by account, account_entries has the same lines.
CREATE TABLE views.code_balances (
    tenant text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    code integer NOT NULL,
    debits numeric NOT NULL,
    credits numeric NOT NULL,
    PRIMARY KEY (tenant, currency, code)
) WITH (fillfactor = 50);

-- What the entries say so far.
INSERT INTO views.code_balances (tenant, currency, code, debits, credits)
SELECT entry.tenant, account.currency, (line ->> 'code')::int,
       sum(CASE line ->> 'side' WHEN 'debit' THEN (line ->> 'amount')::numeric ELSE 0 END),
       sum(CASE line ->> 'side' WHEN 'credit' THEN (line ->> 'amount')::numeric ELSE 0 END)
  FROM views.account_entries AS entry
  JOIN views.account_balances AS account
    ON account.tenant = entry.tenant AND account.account_id = entry.account_id,
       jsonb_path_query(entry.entries, '$[*].lines[*]') AS line
 GROUP BY 1, 2, 3;
