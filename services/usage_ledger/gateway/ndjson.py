"""Reads usage items, a JSON object a line, as `POST /v1/usage` takes them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

import msgspec

from usage_ledger.gateway.source_line import SourceInvalid, line_id
from usage_ledger.usage.item import UsageItem


class Unreadable(NamedTuple):
    """A line that is no usage item: it would fail its request, and its neighbours with it, so it is not sent."""

    line_number: int
    detail: str


def read_items(lines: Iterable[str], defaults: Mapping[str, str]) -> Iterator[UsageItem | Unreadable]:
    """The items in the file's order; empty lines are passed over.

    ``defaults`` is what an item has that does not say so itself; an item without an id gets its line's. Raises
    SourceInvalid for bytes that are no text.
    """
    try:
        for line_number, line in enumerate(lines, start=1):
            if line.strip():
                yield _item(line_number, line.strip(), defaults)
    except UnicodeDecodeError as error:
        raise SourceInvalid("this is not text in UTF-8") from error


def _item(line_number: int, line: str, defaults: Mapping[str, str]) -> UsageItem | Unreadable:
    try:
        found = msgspec.json.decode(line.encode())
        if not isinstance(found, dict):
            return Unreadable(line_number, "this is no JSON object")
        members = {"id": line_id(line_number, line), **defaults, **cast("dict[str, Any]", found)}
        item = msgspec.convert(members, UsageItem)
    except msgspec.DecodeError as error:
        return Unreadable(line_number, str(error))
    if any("\0" in tag for tag in (item.tags or {}).values()):
        # Postgres has no NUL in text, so the door refuses a request with one.
        return Unreadable(line_number, "a tag has a NUL character")
    return item
