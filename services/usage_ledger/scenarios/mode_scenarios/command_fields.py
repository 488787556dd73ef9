"""The fields of a command as one cell has them: ``field=value``, separated by a semicolon and a space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from usage_ledger.scenarios.reading.misfit import Misfit

Fields = Mapping[str, Sequence[str]]
"""Every value of a field, in their order. A field without text has empty text."""

_NONE: Final = "none"


def read_fields(line: int, cell: str) -> Fields:
    """Raises Misfit."""
    fields: dict[str, list[str]] = {}
    for part in () if cell == _NONE else cell.split("; "):
        name, equals, value = part.partition("=")
        if not equals:
            raise Misfit(line, f"command_fields: {part!r} is no field=value")
        fields.setdefault(name, []).append(value)
    return fields


def require_fields(line: int, fields: Fields, once: Sequence[str], many: Sequence[str] = ()) -> None:
    """Raises Misfit for a field that is not known, or stands twice where it has one value."""
    for name, values in fields.items():
        if name not in (*once, *many):
            raise Misfit(
                line, f"command_fields, {name}: unknown field; known are {', '.join((*once, *many)) or 'none'}"
            )
        if name in once and len(values) > 1:
            raise Misfit(line, f"command_fields, {name}: stands twice")
