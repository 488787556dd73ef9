"""Bodies of writes, made from the commands themselves: what the path gives is left out, instants are RFC 3339 text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from usage_ledger.entrypoints.http.instants import InstantOrNone, to_micros
from usage_ledger.identifiers import Id

ToCommand = Callable[[Any, Mapping[str, Any]], msgspec.Struct]
"""From a decoded body, and what the path or the door gives, to the command."""


class NoBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything is in the path and the query."""


def body_of(
    command: type[msgspec.Struct],
    without: tuple[str, ...] = (),
    instants: tuple[str, ...] = (),
    *,
    names_tenant: bool = False,
) -> type[Any]:
    """A struct like the command's, strict in the same way. ``instants`` are its fields in microseconds UTC.

    ``names_tenant``: a gateway key, which speaks for many, says whose it is.
    """
    fields = [
        _field(field, is_instant=field.name in instants)
        for field in msgspec.structs.fields(command)
        if field.name not in without
    ]
    if names_tenant:
        fields.append(("tenant", Id | None, None))
    return msgspec.defstruct(
        f"{command.__name__}Body",
        fields,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


def command_from_body(command: type[msgspec.Struct]) -> ToCommand:
    """Puts the body's fields and the path's ids together; both were checked before, but for the years of instants."""

    known = frozenset(command.__struct_fields__)

    def to_command(body: msgspec.Struct, path_ids: Mapping[str, str]) -> msgspec.Struct:
        given = {name: _plain(getattr(body, name)) for name in body.__struct_fields__ if name in known}
        return command(**path_ids, **given)

    return to_command


def _field(field: msgspec.structs.FieldInfo, *, is_instant: bool) -> tuple[str, Any, Any]:
    """The same field under the same name on the wire."""
    field_type: Any = InstantOrNone if is_instant else field.type
    if field.required:
        return field.name, field_type, msgspec.field(name=field.encode_name)
    return field.name, field_type, msgspec.field(name=field.encode_name, default=field.default)


def _plain(value: object) -> object:
    return to_micros(value) if isinstance(value, datetime) else value
