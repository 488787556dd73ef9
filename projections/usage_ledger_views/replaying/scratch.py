"""Throw-away copies of the views' tables, which the views' own statements fill.

They are temporary tables: only their session sees them, Postgres drops them with it, however it ends, and the reader's
role may make them, which can write nothing of the ledger. The statements name schema ``views``; a connection from
``use_scratch`` sends them to the session's temporary schema instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, Final, LiteralString, cast

from psycopg import Connection, Cursor, sql
from psycopg.abc import Params, Query
from psycopg.rows import TupleRow

from usage_ledger_views.view import View

PROGRESS: Final = "progress"
BUFFERS: Final = "64MB"

_PACKAGE: Final = "usage_ledger_views"
_LIVE_SCHEMA: Final = re.compile(r"\bviews\.")
_SCRATCH_SCHEMA: Final = "pg_temp."

# The temporary tables of this session so far.
_TABLES: Final = """
    SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' ORDER BY relname
"""


class ScratchCursor(Cursor[TupleRow]):
    """Runs statements on schema ``views`` against the session's temporary tables."""

    def execute(
        self, query: Query, params: Params | None = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> ScratchCursor:
        return super().execute(self._redirected(query), params, prepare=prepare, binary=binary)

    def _redirected(self, query: Query) -> LiteralString:
        text = query if isinstance(query, str) else _text(query, self.connection)
        return cast("LiteralString", _LIVE_SCHEMA.sub(_SCRATCH_SCHEMA, text))


def use_scratch(connection: Connection[Any], views: Iterable[View[Any]]) -> Mapping[str, tuple[str, ...]]:
    """Make the tables of the views, and let every cursor of this autocommit connection use them.

    Answers the names of each view's tables. Raises psycopg.Error: InsufficientPrivilege where the role may not make
    temporary tables in this database.
    """
    connection.cursor_factory = ScratchCursor
    connection.execute(sql.SQL("SET temp_buffers = {}").format(sql.Literal(BUFFERS)))
    tables: dict[str, tuple[str, ...]] = {}
    for name in (PROGRESS, *(view.name for view in views)):
        before = _tables(connection)
        connection.execute(table_sql(name))
        tables[name] = tuple(table for table in _tables(connection) if table not in before)
    del tables[PROGRESS]
    return tables


def table_sql(folder: str) -> LiteralString:
    """What makes the tables of a view's folder."""
    text = files(_PACKAGE).joinpath(folder, "table.sql").read_text(encoding="utf-8")
    return cast("LiteralString", text)


def _tables(connection: Connection[Any]) -> list[str]:
    return [row[0] for row in connection.execute(_TABLES)]


def _text(query: Any, connection: Connection[Any]) -> str:
    return query.decode() if isinstance(query, bytes) else query.as_string(connection)
