"""Requests of usage as bytes. An item is encoded once, but for its id; a request is then a join of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from usage_ledger.benchmarks.shapes import Call

MODEL: Final = "bench-model"


class UsageBodies:
    """Bodies of ``batch`` items each. Ids are ``<prefix>-<number>``, so two loads never share one."""

    def __init__(self, calls: Sequence[Call], prefix: str, batch: int) -> None:
        occurred_at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self._tails = [_tail(call, occurred_at) for call in calls]
        self._id = f'{{"id":"{prefix}-'.encode()
        self._batch = batch

    def body(self, first: int) -> bytes:
        """The items ``first`` and following, counted from zero."""
        begin, tails, count = self._id, self._tails, len(self._tails)
        items = [b"%b%d%b" % (begin, number, tails[number % count]) for number in range(first, first + self._batch)]
        return b'{"items":[' + b",".join(items) + b"]}"


def _tail(call: Call, occurred_at: str) -> bytes:
    place = call.place
    return (
        f'","tenant":"{place.tenant}","workspace_id":"{place.workspace_id}","occurred_at":"{occurred_at}",'
        f'"model":"{MODEL}","provider":"bench-provider","credential":"platform",'
        f'"usage":{{"input_tokens":{call.input_tokens},"output_tokens":{call.output_tokens}}}}}'
    ).encode()
