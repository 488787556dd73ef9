"""The loads of `usage-ledger bench mode-changes`: every change is one, and the usage beside it is taken."""

from __future__ import annotations

import asyncio
import json
from contextlib import nullcontext

import psycopg
import pytest
from click.testing import CliRunner

from http_door.running import RunningDoor
from usage_ledger.benchmarks import furnishing
from usage_ledger.benchmarks.ledger_load import LedgerJob
from usage_ledger.benchmarks.mode_change_load import ModeChangeJob
from usage_ledger.benchmarks.mode_changes import run_together
from usage_ledger.benchmarks.shapes import HOT
from usage_ledger.entrypoints.cli import bench as command
from usage_ledger.streams import workspace_stream


def test_every_change_is_one_and_every_item_is_taken(door: RunningDoor, admin_key: str, http_database: str) -> None:
    key = asyncio.run(furnishing._furnish(door.url, admin_key, HOT))
    usage = LedgerJob(door.url, key, HOT.name, "item", batch=5, connections=2, seconds=1.0, rate=50.0)
    changes = ModeChangeJob(door.url, admin_key, HOT.name, connections=2, seconds=1.0, rate=20.0)
    used, changed = run_together(usage, changes)
    assert used.accepted == used.sent > 0
    assert changed.accepted == changed.sent == len(changed.ack_ms) > len(HOT.places())
    streams = [workspace_stream(place.tenant, place.workspace_id) for place in HOT.places()]
    with psycopg.connect(http_database) as connection:
        found = connection.execute(
            "SELECT count(*) FROM ledger.events WHERE stream_id = ANY(%s) AND stream_version > 1", (streams,)
        ).fetchone()
    assert found == (changed.accepted,)


def test_the_command_asks_for_rates_and_tells_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = {"p50": 1.0, "p99": 2.0}
    answer = {"bench": "mode-changes", "rate": 7.0, "seconds": 1.0, "items_per_s": 7, "ack_ms": figures}
    asked = []

    def measure(stack, shape, rates, **options):
        asked.append((shape.name, rates, options["seconds"], options["batch"]))
        return {**answer, "usage": {"rate": 9, "items_per_s": 8, "ack_ms": figures}}

    monkeypatch.setattr(command, "measure_mode_changes", measure)
    monkeypatch.setattr(command, "whole_ledger", nullcontext)
    answered = CliRunner().invoke(
        command.mode_changes, ["--rate", "7", "--usage-rate", "9", "--seconds", "1", "--json"]
    )
    assert answered.exit_code == 0, answered.output
    assert asked == [("narrow", command.Rates(7.0, 9.0), 1.0, 100)]
    assert json.loads(answered.stdout.splitlines()[-1])["ack_ms"] == figures
