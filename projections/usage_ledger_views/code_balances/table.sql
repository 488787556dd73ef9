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
