"""What an encoder calls when a record does not fit at first sight: complete it, or say why it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn, cast

from usage_ledger_schemas.dialect import NO_DEFAULT, Record
from usage_ledger_schemas.errors import UnencodableRecord


def refuse(path: str, value: object) -> NoReturn:
    """Raise UnencodableRecord. Values are shortened: a record may hold what nobody wants in a log."""
    raise UnencodableRecord(f"{path}: {type(value).__name__} {str(value)[:40]!r} does not fit")


def complete(given: object, record: Record) -> dict[str, object]:
    """The record with defaults for missing fields. Raises UnencodableRecord for unknown or missing ones."""
    if type(given) is not dict:
        refuse(record.name, given)
    fields = cast("dict[str, object]", given)
    if unknown := sorted(fields.keys() - set(record.field_names)):
        raise UnencodableRecord(f"{record.name} has no {', '.join(map(str, unknown))}")
    defaults = {field.name: field.default for field in record.fields if field.default is not NO_DEFAULT}
    if missing := set(record.field_names) - fields.keys() - defaults.keys():
        raise UnencodableRecord(f"{record.name} needs {', '.join(sorted(missing))}")
    return defaults | fields


def admit(shape: type, admitted: set[type], record: Record) -> None:
    """Take a ``msgspec.Struct`` type whose fields are the record's, no more and no fewer."""
    fields = cast("Sequence[str] | None", getattr(shape, "__struct_fields__", None))
    if fields is None or set(fields) != set(record.field_names):
        raise UnencodableRecord(f"{shape.__name__} has not exactly the fields of {record.name}")
    admitted.add(shape)
