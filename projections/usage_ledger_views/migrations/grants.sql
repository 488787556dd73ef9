-- Least privilege on the read side. Run after every migration, so that a new table is never open by accident.
-- Only the projector writes views; everybody else may look.
GRANT USAGE ON SCHEMA views TO ledger_projector, ledger_reader;
REVOKE ALL ON ALL TABLES IN SCHEMA views FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA views TO ledger_projector;
GRANT SELECT ON ALL TABLES IN SCHEMA views TO ledger_reader;
REVOKE ALL ON views.migrations FROM ledger_projector;
