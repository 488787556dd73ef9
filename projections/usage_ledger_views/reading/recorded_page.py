"""A page of a list that goes back in history by time of recording, cut to a period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString, Protocol, TypeVar

from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import as_of
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut
from usage_ledger_views.reading.period import Period, bounds


class RecordedItem(Protocol):
    """An item of a list, by when and where history has it."""

    @property
    def recorded_at(self) -> int: ...
    @property
    def position(self) -> int: ...


Item = TypeVar("Item", bound=RecordedItem)


async def recorded_page(
    connection: AsyncConnection[Any],
    shard: int,
    question: LiteralString,
    values: Mapping[str, Any],
    kind: type[Item],
    *,
    incomplete: bool,
    period: Period,
    limit: int | None,
    after: str | None,
) -> Page[Item]:
    """What the question answers, newest first; its parameters are ``values``, ``rows`` and those of ``Bounds``.

    Raises InvalidCursor, psycopg.Error.
    """
    size = clamp(limit)
    async with connection.cursor(binary=True, row_factory=class_row(kind)) as cursor:
        await cursor.execute(question, {**values, "rows": size + 1, **bounds(period, after)})
        items, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(items),
        next=cursor_after((items[-1].recorded_at, items[-1].position)) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=incomplete,
    )
