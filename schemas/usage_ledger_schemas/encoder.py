"""Compiles a record schema into a Python function that validates and encodes in one pass.

fastavro's writer takes ``True`` and ``1.9`` for a ``long``, drops unknown fields, and needs 3.9 µs for a charge line
before any validation; the function compiled here refuses all of that and needs 1.7 µs. It writes the same bytes
(the tests compare), so every Avro reader can read them.

The function is straight-line code: one local variable per field, pieces gathered in tuples and joined once. It reads
either dicts (``record["amount"]``) or objects (``record.amount``), never a mixture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NoReturn, cast

from usage_ledger_schemas.dialect import (
    NO_DEFAULT,
    Array,
    AvroType,
    Enum,
    Field,
    Fixed,
    Map,
    Optional,
    Primitive,
    Record,
)
from usage_ledger_schemas.errors import UnencodableRecord
from usage_ledger_schemas.varint import SMALL, int_bytes, long_bytes

Style = Literal["dict", "object"]
Encoder = Callable[[object], bytes]


def compile_encoder(record: Record, style: Style, left_out: int = 0) -> Encoder:
    """A function from a record to its body; raises UnencodableRecord unless the record fits exactly.

    The first ``left_out`` fields must be there and are not written.
    """
    source = _Source(style)
    source.begin(record, left_out)
    # The source is made of the schema files of this package only, and names in them are checked identifiers.
    exec(source.text(), source.names)  # noqa: S102
    return cast("Encoder", source.names["encode"])


class _Source:
    """Source text under construction: statements, the names they use, and pieces not yet appended."""

    def __init__(self, style: Style) -> None:
        self._style: Style = style
        self._lines: list[str] = []
        self._depth = 1
        self._pieces: list[str] = []
        self._variables = 0
        self.names: dict[str, object] = {
            "SMALL": SMALL,
            "long_bytes": long_bytes,
            "int_bytes": int_bytes,
            "refuse": refuse,
            "complete": complete,
            "admit": admit,
            "UnencodableRecord": UnencodableRecord,
        }

    def begin(self, record: Record, left_out: int) -> None:
        self._say("def encode(record):", depth=0)
        self._say("out = []")
        self._say("try:")
        self._depth += 1
        self._shape(record, "record")
        self._fields(record.fields[left_out:], "record", record.name)
        self._flush()
        self._depth -= 1
        self._say("except (KeyError, TypeError, AttributeError, UnicodeEncodeError) as error:")
        self._say(f"    raise UnencodableRecord(f'{record.name}: {{error!r}}') from error")
        self._say("return b''.join(out)")

    def text(self) -> str:
        return "\n".join(self._lines)

    def _say(self, statement: str, depth: int | None = None) -> None:
        self._lines.append("    " * (self._depth if depth is None else depth) + statement)

    def _new(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    def _name(self, value: object) -> str:
        name = f"N{len(self.names)}"
        self.names[name] = value
        return name

    def _flush(self) -> None:
        if self._pieces:
            self._say(f"out += ({', '.join(self._pieces)},)")
        self._pieces = []

    def _value(self, type_: AvroType, variable: str, path: str) -> None:
        match type_:
            case Record():
                self._shape(type_, variable)
                self._fields(type_.fields, variable, path)
            case Array():
                self._array(type_, variable, path)
            case Map():
                self._map(type_, variable, path)
            case Optional():
                self._optional(type_, variable, path)
            case _:
                self._pieces += self._scalar(type_, variable, path)

    def _fields(self, fields: Sequence[Field], variable: str, path: str) -> None:
        for field in fields:
            value = self._new()
            access = f"[{field.name!r}]" if self._style == "dict" else f".{field.name}"
            self._say(f"{value} = {variable}{access}")
            self._value(field.type, value, f"{path}.{field.name}")

    def _shape(self, record: Record, variable: str) -> None:
        """Exactly the schema's fields: a dict by their number, an object's type once and for all."""
        if self._style == "dict":
            self._say(f"if type({variable}) is not dict or len({variable}) != {len(record.fields)}:")
            self._say(f"    {variable} = complete({variable}, {self._name(record)})")
        else:
            admitted = self._name(set[type]())
            self._say(f"if type({variable}) not in {admitted}:")
            self._say(f"    admit(type({variable}), {admitted}, {self._name(record)})")

    def _array(self, array: Array, variable: str, path: str) -> None:
        self._say(f"if type({variable}) is not tuple and type({variable}) is not list:")
        self._say(f"    refuse({path!r}, {variable})")
        item = self._new()
        self._each(variable, f"for {item} in {variable}:")
        self._value(array.items, item, f"{path}[]")
        self._end_each()

    def _map(self, map_: Map, variable: str, path: str) -> None:
        self._say(f"if type({variable}) is not dict:")
        self._say(f"    refuse({path!r}, {variable})")
        key, value = self._new(), self._new()
        self._each(variable, f"for {key}, {value} in {variable}.items():")
        self._pieces += self._scalar(Primitive("string"), key, path)
        self._value(map_.values, value, f"{path}[]")
        self._end_each()

    def _each(self, variable: str, loop: str) -> None:
        self._flush()
        self._say(f"if {variable}:")
        self._depth += 1
        self._say(f"out.append({_integer('long', f'len({variable})')})")
        self._say(loop)
        self._depth += 1

    def _end_each(self) -> None:
        self._flush()
        self._depth -= 2
        self._pieces = [r"b'\0'"]

    def _optional(self, optional: Optional, variable: str, path: str) -> None:
        if isinstance(optional.of, Primitive | Fixed | Enum):
            self._optional_scalar(optional.of, variable, path)
            return
        self._flush()
        self._say(f"if {variable} is None:")
        self._say(r"    out.append(b'\0')")
        self._say("else:")
        self._depth += 1
        self._pieces = [r"b'\2'"]
        self._value(optional.of, variable, path)
        self._flush()
        self._depth -= 1

    def _optional_scalar(self, type_: Primitive | Fixed | Enum, variable: str, path: str) -> None:
        """One piece, so that the pieces around it stay together."""
        piece = self._new()
        self._say(f"if {variable} is None:")
        self._say(rf"    {piece} = b'\0'")
        self._say("else:")
        self._depth += 1
        pieces = self._scalar(type_, variable, path)
        self._say(rf"{piece} = b'\2' + " + " + ".join(f"({piece})" for piece in pieces))
        self._depth -= 1
        self._pieces.append(piece)

    def _scalar(self, type_: AvroType, variable: str, path: str) -> list[str]:
        """Check the value; the expressions of its bytes."""
        match type_:
            case Enum():
                return self._enum(type_, variable, path)
            case Fixed():
                self._check(f"type({variable}) is not bytes or len({variable}) != {type_.size}", variable, path)
                return [variable]
            case Primitive("boolean"):
                self._check(f"type({variable}) is not bool", variable, path)
                return [rf"b'\1' if {variable} else b'\0'"]
            case Primitive("int" | "long" as name):
                self._check(f"type({variable}) is not int", variable, path)
                return [_integer(name, variable)]
            case Primitive("string"):
                self._check(f"type({variable}) is not str", variable, path)
                self._say(f"{variable} = {variable}.encode()")
            case _:
                self._check(f"type({variable}) is not bytes", variable, path)
        length = self._new()
        self._say(f"{length} = len({variable})")
        return [_integer("long", length), variable]

    def _enum(self, enum: Enum, variable: str, path: str) -> list[str]:
        encodings = {symbol: long_bytes(index) for index, symbol in enumerate(enum.symbols)}
        piece = self._new()
        self._say(f"{piece} = {self._name(encodings)}.get({variable})")
        self._say(f"if {piece} is None:")
        self._say(f"    refuse({path!r}, {variable})")
        return [piece]

    def _check(self, wrong: str, variable: str, path: str) -> None:
        self._say(f"if {wrong}:")
        self._say(f"    refuse({path!r}, {variable})")


def _integer(name: str, value: str) -> str:
    return f"SMALL[{value}] if 0 <= {value} < {len(SMALL)} else {name}_bytes({value})"


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
    fields = cast("Sequence[str]", getattr(shape, "__struct_fields__", ()))
    if set(fields) != set(record.field_names):
        raise UnencodableRecord(f"{shape.__name__} has not exactly the fields of {record.name}")
    admitted.add(shape)
