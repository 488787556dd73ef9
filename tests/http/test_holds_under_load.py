"""The load of `usage-ledger bench holds` holds and settles what it says: it runs here against the tests' own door."""

from __future__ import annotations

import asyncio

from http_door.running import RunningDoor
from usage_ledger.benchmarks import furnishing
from usage_ledger.benchmarks.hold_load import HoldJob
from usage_ledger.benchmarks.load_process import LoadProcess
from usage_ledger.benchmarks.shapes import HOT


def test_every_call_that_is_sent_is_held_and_settled(door: RunningDoor, admin_key: str) -> None:
    key = asyncio.run(furnishing._furnish(door.url, admin_key, HOT))
    job = HoldJob(door.url, key, HOT.name, "call", connections=2, seconds=1.0, rate=20.0)
    with LoadProcess("usage_ledger.benchmarks.hold_load", job) as load:
        result = load.wait_until_ready().run()
    assert result.accepted == result.sent > 0
    assert len(result.ack_ms) == len(result.settle_ms) == result.accepted
