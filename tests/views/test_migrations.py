"""The migrations add up to the tables that the views' folders show, and each role may do its part only."""

from importlib.resources import files

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from usage_ledger_views.migrations import migration_names

FOLDERS = [
    "progress",
    "account_balances",
    "account_entries",
    "code_balances",
    "workspace_billing",
    "mode_history",
    "decisions",
    "rejected_key_writes",
    "charge_mismatches",
    "usage_summary",
    "suspense",
    "quarantine",
    "conflicts",
    "refusals",
    "budgets",
    "alerts",
    "topups",
    "holds",
]

COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name, is_generated
      FROM information_schema.columns WHERE table_schema = 'views' AND table_name <> 'migrations' ORDER BY 1, 2
"""
INDEXES = (
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'views' AND tablename <> 'migrations' ORDER BY 1"
)


def shape(dsn: str) -> list[object]:
    with psycopg.connect(dsn) as connection:
        return [connection.execute(query).fetchall() for query in (COLUMNS, INDEXES)]


def test_the_migrations_add_up_to_the_tables_of_the_views(ledger_database, database):
    with psycopg.connect(database) as connection:
        connection.execute("CREATE SCHEMA views")
        for folder in FOLDERS:
            connection.execute((files("usage_ledger_views") / folder / "table.sql").read_text())
    assert shape(ledger_database) == shape(database)


def test_workspaces_of_before_billing_modes_were_whole_keep_what_is_known_of_them(database):
    """Their own organization is the tenant's; where only a payer is known, nothing else is made up."""
    names = migration_names()
    before = [name for name in names if name < "0011_"]
    with psycopg.connect(database) as connection:
        for name in before:
            connection.execute(_migration(name))
        connection.execute("""
            INSERT INTO views.streams VALUES ('acme/workspace-ws', 0, 3);
            INSERT INTO views.workspace_billing (tenant, workspace_id, mode, payer, position, recorded_at)
            VALUES ('acme', 'ws', 'byok', 'main', 7, 1), ('acme', 'paid', NULL, 'main', 8, 1)
        """)
        connection.execute(_migration("0011_billing_modes.sql"))
        rows = connection.execute("""
            SELECT workspace_id, organization_id, version, answered_position, states, faults
              FROM views.workspace_billing ORDER BY workspace_id
        """)
        assert rows.fetchall() == [("paid", None, 0, 0, [], []), ("ws", "acme", 3, 7, [], [])]


def _migration(name: str) -> bytes:
    return (files("usage_ledger_views.migrations") / name).read_bytes()


def test_every_folder_with_a_table_is_in_this_test():
    package = files("usage_ledger_views")
    with_table = {folder.name for folder in package.iterdir() if (folder / "table.sql").is_file()}
    assert with_table == set(FOLDERS)


@pytest.mark.parametrize("role", ["ledger_reader", "ledger_appender", "ledger_relay"])
def test_only_the_projector_writes_views(ledger_database, role):
    forbidden = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(make_conninfo(ledger_database, user=role)) as connection, forbidden:
        connection.execute("UPDATE views.account_balances SET posted = 0")


def test_the_reader_may_look_at_every_view(ledger_database):
    with psycopg.connect(make_conninfo(ledger_database, user="ledger_reader")) as connection:
        for table in ("account_balances", "account_lots", "account_entries", "workspace_billing", "usage_summary"):
            connection.execute(f"SELECT * FROM views.{table}")


@pytest.mark.parametrize("table", ["events", "commands", "shards", "relay_checkpoints"])
def test_the_projector_cannot_touch_the_write_side(ledger_database, table):
    forbidden = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(make_conninfo(ledger_database, user="ledger_projector")) as connection, forbidden:
        connection.execute(f"DELETE FROM ledger.{table}")
