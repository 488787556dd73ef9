"""Which state of the ledger an answer reflects."""

from __future__ import annotations

import msgspec

from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position


class AsOfAnswer(msgspec.Struct, frozen=True):
    """Everything up to ``position`` is in the answer; it was recorded at ``recorded_at``."""

    recorded_at: str
    position: str


class AsOfShards(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of an answer that may span shards. With ``position`` it does not; else ``positions`` has one a shard.

    Neither is there where a time was asked of several shards, as it is the same in all of them.
    """

    recorded_at: str
    position: str | None = None
    positions: list[str] | None = None


def as_of(shard: int, position: int, recorded_at: int) -> AsOfAnswer:
    return AsOfAnswer(format_micros(recorded_at), str(Position(shard, position)))
