-- Least privilege, a role a process. Run after every migration, so that a new table is never open by accident.
-- The appender adds and never changes history; readers cannot write.

REVOKE ALL ON ALL TABLES IN SCHEMA ledger FROM PUBLIC;

GRANT USAGE ON SCHEMA ledger TO ledger_appender, ledger_relay, ledger_projector, ledger_reactor, ledger_scheduler,
    ledger_reader;

GRANT SELECT ON ledger.store TO ledger_appender, ledger_relay, ledger_projector, ledger_reactor, ledger_scheduler,
    ledger_reader;
GRANT SELECT, UPDATE ON ledger.shards TO ledger_appender;
GRANT SELECT, INSERT ON ledger.events, ledger.facts, ledger.commands, ledger.attempts, ledger.business_keys
    TO ledger_appender;
GRANT UPDATE (position) ON ledger.attempts TO ledger_appender;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.snapshots, ledger.quarantined, ledger.suspended, ledger.due
    TO ledger_appender;
GRANT SELECT, INSERT, UPDATE (state) ON ledger.holds TO ledger_appender;
GRANT SELECT, INSERT ON ledger.service_keys TO ledger_appender;
GRANT UPDATE (secret_hash, old_secret_hash, old_valid_until, revoked_at) ON ledger.service_keys TO ledger_appender;
GRANT SELECT, INSERT ON ledger.dead_letters, ledger.named_sources, ledger.workspaces TO ledger_appender;

GRANT SELECT ON ledger.shards, ledger.events TO ledger_relay;
GRANT SELECT, INSERT, UPDATE ON ledger.leases, ledger.relay_checkpoints TO ledger_relay;

GRANT SELECT, INSERT, UPDATE ON ledger.leases TO ledger_projector;

-- The reactor appends beside the appender what follows from facts: never a fact itself, a key or a business key. It reads
-- business keys, because money follows the decisions of runs.
GRANT SELECT, UPDATE ON ledger.shards TO ledger_reactor;
GRANT SELECT ON ledger.facts, ledger.workspaces, ledger.business_keys TO ledger_reactor;
GRANT SELECT, INSERT ON ledger.events, ledger.commands, ledger.named_sources TO ledger_reactor;
GRANT SELECT, UPDATE (position) ON ledger.attempts TO ledger_reactor;
GRANT SELECT, UPDATE (state) ON ledger.holds TO ledger_reactor;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.snapshots, ledger.quarantined, ledger.suspended, ledger.due
    TO ledger_reactor;
GRANT SELECT, INSERT, UPDATE ON ledger.leases, ledger.reactor_checkpoints TO ledger_reactor;

-- The scheduler appends what the clock brings, to accounts and to governance, whose facts are everybody's; it stores no
-- command.
GRANT SELECT, UPDATE ON ledger.shards TO ledger_scheduler;
GRANT SELECT, INSERT ON ledger.events, ledger.facts TO ledger_scheduler;
GRANT SELECT, UPDATE (state) ON ledger.holds TO ledger_scheduler;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.snapshots, ledger.due TO ledger_scheduler;
GRANT SELECT, INSERT, UPDATE ON ledger.leases TO ledger_scheduler;

GRANT SELECT ON ledger.shards, ledger.events, ledger.snapshots, ledger.facts, ledger.commands, ledger.attempts,
    ledger.service_keys, ledger.relay_checkpoints, ledger.reactor_checkpoints, ledger.quarantined, ledger.suspended,
    ledger.dead_letters, ledger.named_sources, ledger.holds, ledger.due, ledger.workspaces, ledger.business_keys
    TO ledger_reader;

-- So that `doctor` can say what is not applied yet.
GRANT SELECT ON public.ledger_migrations TO ledger_reader;
