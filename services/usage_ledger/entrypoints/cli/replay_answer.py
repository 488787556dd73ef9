"""The answers of `replay` for programs: positions and times as on the wire, money as decimal text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.money import format_amount
from usage_ledger_views.replaying.history_fold import Broken
from usage_ledger_views.replaying.past import Past, PastBalance, PastEntry
from usage_ledger_views.replaying.replay import Comparison

_AMOUNTS = ("posted", "held", "available", "overdraft", "unbilled")


def comparison_answer(found: Comparison, seconds: float) -> dict[str, object]:
    return {
        "agrees": found.agrees,
        "positions": positions(found.positions),
        "events": found.events,
        "views": {
            each.view: {
                "rows": each.live_rows,
                "replayed_rows": each.replayed_rows,
                "live": each.live,
                "replayed": each.replayed,
            }
            for each in found.digests
        },
        "differing": found.differing,
        "differences": [msgspec.structs.asdict(each) for each in found.differences],
        "broken": broken(found.broken),
        "blocked_streams": list(found.blocked_streams),
        "seconds": round(seconds, 3),
    }


def past_answer(past: Past, seconds: float) -> dict[str, object]:
    return {
        "positions": positions(past.positions),
        "events": past.events,
        "accounts": past.accounts_count,
        "balances": [_balance(each) for each in past.balances],
        "entries_count": past.entries_count,
        "entries": [entry(each) for each in past.entries],
        "workspaces": past.workspaces_count,
        "modes": [msgspec.structs.asdict(each) for each in past.modes],
        "broken": broken(past.broken),
        "seconds": round(seconds, 3),
    }


def positions(until: Mapping[int, int]) -> list[str]:
    return [str(Position(shard, number)) for shard, number in sorted(until.items())]


def broken(found: Iterable[Broken]) -> list[dict[str, object]]:
    return [
        {
            "position": str(Position(each.shard, each.position)),
            "stream": each.stream_id or None,
            "reason": each.reason,
            "detail": each.detail,
        }
        for each in found
    ]


def entry(found: PastEntry) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(found),
        "recorded_at": format_micros(found.recorded_at),
        "effect": format_amount(found.effect),
        "running_balance": format_amount(found.running_balance),
    }


def _balance(found: PastBalance) -> dict[str, Any]:
    amounts = {name: format_amount(getattr(found, name)) for name in _AMOUNTS}
    return {**msgspec.structs.asdict(found), **amounts}
