"""Values as Postgres can hold them: text of events may have NUL in it, for which Postgres has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec


def storable(value: Any) -> Any:
    r"""The same with ``\x00`` written out, in texts however deep within."""
    if isinstance(value, str):
        return value.replace("\0", "\\x00")
    if isinstance(value, dict):
        return {name: storable(each) for name, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [storable(each) for each in cast("Sequence[Any]", value)]
    return value


def rows_as_json(rows: Sequence[msgspec.Struct]) -> str:
    """An array of objects by the names of columns, for ``json_populate_recordset``."""
    return msgspec.json.encode(storable(msgspec.to_builtins(rows))).decode()
