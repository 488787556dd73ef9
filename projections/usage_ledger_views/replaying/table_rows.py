"""The rows of a view's table in the order of its key, each column as the text that Postgres gives it.

The order of columns is that of their names, and keys are ordered as bytes, so that two tables with equal content give
equal texts in equal order, whichever migrations made them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from psycopg import Connection, sql

ROWS_FETCHED: Final = 2_000

# Columns by name, whether each is of the primary key and at which place, and whether it is text with an order.
_COLUMNS: Final = """
    SELECT attribute.attname, array_position(index.indkey::int2[], attribute.attnum), attribute.attcollation <> 0
      FROM pg_attribute AS attribute
      LEFT JOIN pg_index AS index ON index.indrelid = attribute.attrelid AND index.indisprimary
     WHERE attribute.attrelid = %s::regclass AND attribute.attnum > 0 AND NOT attribute.attisdropped
     ORDER BY attribute.attname
"""


class Table(NamedTuple):
    """A table by its columns: all in the order of their names, and those of the key in the key's order."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    texts: frozenset[str]


class Row(NamedTuple):
    """``key`` sorts as the table does; ``values`` are texts in the order of the table's columns."""

    key: tuple[Any, ...]
    values: tuple[str | None, ...]


def describe(connection: Connection[Any], schema: str, name: str) -> Table:
    """Raises LookupError for a table without a primary key, whose rows have no order; psycopg.Error."""
    found = connection.execute(_COLUMNS, (f"{schema}.{name}",)).fetchall()
    key = tuple(column for _, column in sorted((place, column) for column, place, _ in found if place is not None))
    if not key:
        raise LookupError(f"table {schema}.{name} has no primary key")
    texts = frozenset(column for column, _, is_text in found if is_text)
    return Table(name, tuple(column for column, _, _ in found), key, texts)


def rows(connection: Connection[Any], schema: str, table: Table, tenant: str | None) -> Iterator[Row]:
    """All rows, or a tenant's, in the order of the key; within the caller's transaction. Raises psycopg.Error."""
    width = len(table.key)
    with connection.cursor(name=f"rows_of_{table.name}") as cursor:
        cursor.itersize = ROWS_FETCHED
        for row in cursor.execute(_select(schema, table, tenant), None if tenant is None else (tenant,)):
            yield Row(row[:width], row[width:])


def _select(schema: str, table: Table, tenant: str | None) -> sql.Composed:
    keys = [sql.Identifier(column) for column in table.key]
    texts = [sql.SQL("{}::text").format(sql.Identifier(column)) for column in table.columns]
    return sql.SQL("SELECT {columns} FROM {table} AS content {where} ORDER BY {order}").format(
        columns=sql.SQL(", ").join([*keys, *texts]),
        table=sql.Identifier(schema, table.name),
        where=sql.SQL("" if tenant is None else "WHERE tenant = %s"),
        order=sql.SQL(", ").join(
            sql.SQL('content.{} COLLATE "C"' if column in table.texts else "content.{}").format(sql.Identifier(column))
            for column in table.key
        ),
    )
