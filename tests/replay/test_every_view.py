"""What replay expects of a view holds for every view there is, also for those that are added later."""

from __future__ import annotations

import pytest

from usage_ledger.entrypoints.cli.sessions import writing_session
from usage_ledger_views.replaying.scratch import use_scratch
from usage_ledger_views.replaying.table_rows import describe
from usage_ledger_views.views import VIEWS

SHAPE = """
    SELECT attname, format_type(atttypid, atttypmod), attnotnull, attgenerated
      FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname
"""


@pytest.fixture
def scratch(ledger_database):
    with writing_session(ledger_database) as connection:
        connection.tables = use_scratch(connection, VIEWS)
        yield connection


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_its_folder_makes_tables_with_a_key_and_a_tenant(scratch, view):
    assert scratch.tables[view]
    for name in scratch.tables[view]:
        table = describe(scratch, "pg_temp", name)
        assert {*table.key, "tenant"} <= set(table.columns)


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_its_scratch_tables_are_like_the_live_ones(scratch, owner, view):
    for name in scratch.tables[view]:
        live = owner.execute(SHAPE, (f"views.{name}",)).fetchall()
        assert scratch.execute(SHAPE, (f"pg_temp.{name}",)).fetchall() == live


def test_every_table_of_views_is_compared_or_a_book_of_the_projector(scratch, owner):
    live = {row[0] for row in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'views'")}
    compared = {name for names in scratch.tables.values() for name in names}
    assert live - compared == {"migrations", "progress", "streams", "blocked_streams"}
