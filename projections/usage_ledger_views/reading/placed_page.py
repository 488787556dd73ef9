"""A page of a list that goes back in history, item by item of its events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import as_of
from usage_ledger_views.reading.page import Page, clamp, cut
from usage_ledger_views.reading.place import Placed, next_place, place_before

Row = TypeVar("Row", bound=Placed)


async def placed_page(
    connection: AsyncConnection[Any],
    shard: int,
    statement: LiteralString,
    asked: Mapping[str, str | None],
    row_type: type[Row],
    *,
    incomplete: bool,
    limit: int | None,
    after: str | None,
) -> Page[Row]:
    """What the statement lists, newest first; ``asked`` are its parameters beside position, place and rows.

    Raises InvalidCursor, psycopg.Error.
    """
    size = clamp(limit)
    async with connection.cursor(binary=True, row_factory=class_row(row_type)) as cursor:
        await cursor.execute(statement, {**asked, **place_before(after), "rows": size + 1})
        rows, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(rows),
        next=next_place(rows) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=incomplete,
    )
