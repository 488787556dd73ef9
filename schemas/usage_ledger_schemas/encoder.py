"""Compiles a record schema into a Python function that validates and encodes in one pass.

fastavro's writer takes ``True`` and ``1.9`` for a ``long``, drops unknown fields, and needs 3.9 µs for a charge line
before any validation; the function compiled here refuses all of that and needs 1.7 µs. It writes the same bytes
(the tests compare), so every Avro reader can read them.

The function is straight-line code: one local variable per field, pieces gathered in tuples and joined once. It reads
either dicts (``record["amount"]``) or objects (``record.amount``), never a mixture.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, cast

from usage_ledger_schemas.dialect import Array, AvroType, Enum, Field, Fixed, Map, Optional, Primitive, Record
from usage_ledger_schemas.errors import UnencodableRecord
from usage_ledger_schemas.exact_fit import admit, complete, refuse
from usage_ledger_schemas.source_text import SourceText
from usage_ledger_schemas.varint import SMALL, int_bytes, long_bytes

Style = Literal["dict", "object"]
Encoder = Callable[[object], bytes]

NAMES: Mapping[str, object] = {
    "SMALL": SMALL,
    "long_bytes": long_bytes,
    "int_bytes": int_bytes,
    "refuse": refuse,
    "complete": complete,
    "admit": admit,
    "UnencodableRecord": UnencodableRecord,
}


def compile_encoder(record: Record, style: Style, left_out: int = 0) -> Encoder:
    """A function from a record to its body; raises UnencodableRecord unless the record fits exactly.

    The first ``left_out`` fields must be there and are not written.
    """
    source = _Source(style)
    source.write(record, left_out)
    return cast("Encoder", source.function("encode"))


class _Source(SourceText):
    """The text of an encoder; ``pieces`` are expressions of bytes that are not appended to ``out`` yet."""

    def __init__(self, style: Style) -> None:
        super().__init__(NAMES)
        self._style: Style = style
        self._pieces: list[str] = []

    def write(self, record: Record, left_out: int) -> None:
        with self.block("def encode(record):"):
            self.say("out = []")
            with self.block("try:"):
                self._shape(record, "record")
                self._fields(record.fields[left_out:], "record", record.name)
                self._flush()
            with self.block("except (KeyError, TypeError, AttributeError, UnicodeEncodeError) as error:"):
                self.say(f"raise UnencodableRecord(f'{record.name}: {{error!r}}') from error")
            self.say("return b''.join(out)")

    def _flush(self) -> None:
        if self._pieces:
            self.say(f"out += ({', '.join(self._pieces)},)")
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
            case Optional(of=Primitive() | Fixed() | Enum() as scalar):
                self._optional_scalar(scalar, variable, path)
            case Optional():
                self._optional(type_, variable, path)
            case _:
                self._pieces += self._scalar(type_, variable, path)

    def _fields(self, fields: Sequence[Field], variable: str, path: str) -> None:
        for field in fields:
            value = self.variable()
            access = f"[{field.name!r}]" if self._style == "dict" else f".{field.name}"
            self.say(f"{value} = {variable}{access}")
            self._value(field.type, value, f"{path}.{field.name}")

    def _shape(self, record: Record, variable: str) -> None:
        """Exactly the schema's fields: a dict by their number, an object's type once and for all."""
        if self._style == "dict":
            with self.block(f"if type({variable}) is not dict or len({variable}) != {len(record.fields)}:"):
                self.say(f"{variable} = complete({variable}, {self.constant(record)})")
            return
        admitted = self.constant(set[type]())
        with self.block(f"if type({variable}) not in {admitted}:"):
            self.say(f"admit(type({variable}), {admitted}, {self.constant(record)})")

    def _array(self, array: Array, variable: str, path: str) -> None:
        self._check(f"type({variable}) is not tuple and type({variable}) is not list", variable, path)
        item = self.variable()
        with self._each(variable, f"for {item} in {variable}:"):
            self._value(array.items, item, f"{path}[]")

    def _map(self, map_: Map, variable: str, path: str) -> None:
        self._check(f"type({variable}) is not dict", variable, path)
        key, value = self.variable(), self.variable()
        with self._each(variable, f"for {key}, {value} in {variable}.items():"):
            self._pieces += self._scalar(Primitive("string"), key, path)
            self._value(map_.values, value, f"{path}[]")

    @contextmanager
    def _each(self, variable: str, loop: str) -> Generator[None]:
        """One block of items, if there are any, and its end."""
        self._flush()
        with self.block(f"if {variable}:"):
            self.say(f"out.append({_integer('long', f'len({variable})')})")
            with self.block(loop):
                yield
                self._flush()
        self._pieces = [r"b'\0'"]

    def _optional(self, optional: Optional, variable: str, path: str) -> None:
        self._flush()
        with self.block(f"if {variable} is None:"):
            self.say(r"out.append(b'\0')")
        with self.block("else:"):
            self._pieces = [r"b'\2'"]
            self._value(optional.of, variable, path)
            self._flush()

    def _optional_scalar(self, type_: AvroType, variable: str, path: str) -> None:
        """One piece, so that the pieces around it stay together."""
        piece = self.variable()
        with self.block(f"if {variable} is None:"):
            self.say(rf"{piece} = b'\0'")
        with self.block("else:"):
            pieces = self._scalar(type_, variable, path)
            self.say(rf"{piece} = b'\2' + " + " + ".join(f"({piece})" for piece in pieces))
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
            case _:
                return self._sized(type_ == Primitive("string"), variable, path)

    def _sized(self, is_text: bool, variable: str, path: str) -> list[str]:
        self._check(f"type({variable}) is not {'str' if is_text else 'bytes'}", variable, path)
        if is_text:
            self.say(f"{variable} = {variable}.encode()")
        length = self.variable()
        self.say(f"{length} = len({variable})")
        return [_integer("long", length), variable]

    def _enum(self, enum: Enum, variable: str, path: str) -> list[str]:
        encodings = {symbol: long_bytes(index) for index, symbol in enumerate(enum.symbols)}
        piece = self.variable()
        self.say(f"{piece} = {self.constant(encodings)}.get({variable})")
        self._check(f"{piece} is None", variable, path)
        return [piece]

    def _check(self, wrong: str, variable: str, path: str) -> None:
        with self.block(f"if {wrong}:"):
            self.say(f"refuse({path!r}, {variable})")


def _integer(name: str, value: str) -> str:
    return f"SMALL[{value}] if 0 <= {value} < {len(SMALL)} else {name}_bytes({value})"
