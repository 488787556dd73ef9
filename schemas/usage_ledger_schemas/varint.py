"""Avro's variable-length integers, from tables.

An integer is zig-zag coded (the sign becomes the lowest bit) and cut into groups of seven bits, lowest first; a byte's
highest bit says that more follow. Python pays per step, not per bit, so two groups are looked up at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, cast

from usage_ledger_schemas.errors import UndecodableRecord, UnencodableRecord

LONG_LIMIT = 1 << 63
INT_LIMIT = 1 << 31

_PAIR = 0x3FFF
# The last one or two bytes of an integer, and two bytes that more follow.
_LAST = [bytes((z,)) if z < 0x80 else bytes((z & 0x7F | 0x80, z >> 7)) for z in range(_PAIR + 1)]
_MORE = [bytes((z & 0x7F | 0x80, z >> 7 | 0x80)) for z in range(_PAIR + 1)]

SMALL = [_LAST[value << 1] for value in range((_PAIR + 1) // 2)]
"""Encodings of the integers from 0 to 8191: most indexes, lengths and token counts."""


def long_bytes(value: int) -> bytes:
    """The encoding of a 64-bit signed integer. Raises UnencodableRecord outside that range."""
    if not -LONG_LIMIT <= value < LONG_LIMIT:
        raise UnencodableRecord(f"{value} does not fit 64 bits")
    rest = value << 1 ^ value >> 63
    pairs = b""
    while rest > _PAIR:
        pairs += _MORE[rest & _PAIR]
        rest >>= 14
    return pairs + _LAST[rest]


def int_bytes(value: int) -> bytes:
    """The encoding of a 32-bit signed integer. Raises UnencodableRecord outside that range."""
    if not -INT_LIMIT <= value < INT_LIMIT:
        raise UnencodableRecord(f"{value} does not fit 32 bits")
    return long_bytes(value)


def _unrolled_tail() -> Callable[[bytes, int, int], tuple[int, int]]:
    """Source of ``long_tail`` with its nine steps written out: a loop would cost a charge line 0.8 of its 3 µs."""
    lines = ["def long_tail(data, at, value):"]
    continued = 0
    for step in range(1, 10):
        continued += 0x80 << 7 * (step - 1)
        lines += [
            f"    byte = data[at + {step - 1}]",
            f"    value += byte << {7 * step}",
            "    if byte < 0x80:",
            f"        if byte == 0{' or byte > 1' if step == 9 else ''}: refuse()",
            f"        return value - {continued}, at + {step}",
        ]
    names: dict[str, object] = {"refuse": _refuse_form}
    exec("\n".join([*lines, "    refuse()"]), names)  # noqa: S102 - the text above, nothing else
    return cast("Callable[[bytes, int, int], tuple[int, int]]", names["long_tail"])


def _refuse_form() -> NoReturn:
    raise UndecodableRecord("an integer is not in its shortest 64-bit form")


long_tail = _unrolled_tail()
"""Go on after a first byte above 127: the whole integer, still zig-zag coded, and the place after it.

Called with the data, the place after the first byte, and that byte. Takes only the shortest form of a 64-bit integer.
Raises UndecodableRecord, or IndexError at the data's end.
"""
