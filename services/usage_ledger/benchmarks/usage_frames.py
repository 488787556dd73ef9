"""Commands of usage as they travel on Kafka. An item is encoded once, but for its id, as at the HTTP door."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from usage_ledger.benchmarks.shapes import Call
from usage_ledger.benchmarks.usage_bodies import MODEL
from usage_ledger_schemas import codec, frames

_COMMAND: Final = "RecordUsage"
_LONGEST_IN_ONE_BYTE: Final = 63
_ARRAY_HEAD_AND_EMPTY_ID: Final = 2
_BEHIND_THE_ITEMS: Final = b"\x00\x00\x00"
"""The end of the array, ``atomic`` and no ``backfill``."""


class UsageFrames:
    """Frames of ``batch`` items each. Ids are ``<prefix>-<number>``, so two loads never share one."""

    def __init__(self, calls: Sequence[Call], prefix: str, batch: int) -> None:
        occurred_at = time.time_ns() // 1_000
        self._tails = [_tail(call, occurred_at) for call in calls]
        self._head = codec.frame(codec.fingerprint(_COMMAND), _long(batch))
        self._prefix = prefix
        self._batch = batch

    def frame(self, first: int, command_id: str) -> bytes:
        """The value of a record with the items ``first`` and following, counted from zero."""
        items = b"".join([self._item(number) for number in range(first, first + self._batch)])
        fields = {
            "command_type": _COMMAND,
            "command_id": command_id,
            "tenant": "tenant-0",
            "sent_at": time.time_ns() // 1_000,
            "payload": self._head + items + _BEHIND_THE_ITEMS,
        }
        return frames.single_object(frames.COMMAND, fields)

    def _item(self, number: int) -> bytes:
        item_id = f"{self._prefix}-{number}".encode()
        return _long(len(item_id)) + item_id + self._tails[number % len(self._tails)]


def _tail(call: Call, occurred_at: int) -> bytes:
    """An item in Avro behind its id, cut out of a command that holds it alone, with an empty id."""
    place = call.place
    item = {
        "id": "",
        "tenant": place.tenant,
        "workspace_id": place.workspace_id,
        "occurred_at": occurred_at,
        "model": MODEL,
        "provider": "bench-provider",
        "credential": "platform",
        "usage": {"input_tokens": call.input_tokens, "output_tokens": call.output_tokens},
    }
    optional = ("source", "runtime", "reported_cost", "run_id", "request_id", "operation_id", "operation")
    rest = dict.fromkeys((*optional, "fallback_from", "capability", "tags", "status"))
    body = codec.encode(_COMMAND, {"items": [{**rest, **item}], "atomic": False})
    return body[_ARRAY_HEAD_AND_EMPTY_ID : -len(_BEHIND_THE_ITEMS)]


def _long(value: int) -> bytes:
    """A count or length in Avro: zigzag, seven bits a byte, low ones first."""
    if value <= _LONGEST_IN_ONE_BYTE:
        return bytes((value << 1,))
    return bytes((value << 1 & 0x7F | 0x80,)) + _rest(value << 1 >> 7)


def _rest(bits: int) -> bytes:
    return bytes((bits,)) if bits < 0x80 else bytes((bits & 0x7F | 0x80,)) + _rest(bits >> 7)
