"""Usage in quarantine, conflicts and refusals, as their events have them."""

from __future__ import annotations

from typing import Any

import msgspec

from views.recorded import NOW, Shard


def kept(attempt_id: str, disposition: str = "waiting", **fields: Any) -> dict[str, Any]:
    usual = {
        "attempt_id": attempt_id,
        "source": "gateway",
        "workspace_id": "nobody",
        "occurred_at": NOW,
        "disposition": disposition,
        "reason": "workspace_not_found" if disposition == "waiting" else "unknown_unit",
        "amount_at_risk": None,
        "currency": None,
        "raw": b'{"id": "%s"}' % attempt_id.encode(),
    }
    return {**usual, **fields}


def disabled(attempt_id: str, **fields: Any) -> dict[str, Any]:
    """Usage of a disabled workspace, as a gateway sent it."""
    sent = {
        "id": attempt_id,
        "model": "kimi-for-coding",
        "usage": {"input_tokens": 7, "output_tokens": 3},
        "credential": "platform",
        "run_id": "r1",
    }
    usual = {"workspace_id": "ws", "disposition": "rejected", "reason": "mode_disabled"}
    return {**kept(attempt_id), **usual, "raw": msgspec.json.encode(sent), **fields}


def judged(attempt_id: str, reason: str | None = None) -> dict[str, Any]:
    """Booked, or waiting for this reason from now on."""
    return {
        "attempt_id": attempt_id,
        "source": "gateway",
        "workspace_id": "nobody",
        "outcome": "waiting" if reason else "booked",
        "account_id": None if reason else "main",
        "position": None if reason else 1,
        "reason": reason,
    }


def conflict(attempt_id: str, **fields: Any) -> dict[str, Any]:
    usual = {
        "attempt_id": attempt_id,
        "source": "gateway",
        "workspace_id": "ws",
        "kind": "conflict",
        "first_content": bytes(16),
        "second_content": bytes([1]) * 16,
        "amount_at_risk": None,
        "currency": None,
        "raw": b"{}",
    }
    return {**usual, **fields}


def note(shard: Shard, *conflicts: dict[str, Any]) -> None:
    shard.record(f"{shard.tenant}/quarantine", "UsageConflictNoted", conflicts=list(conflicts))


def refuse(shard: Shard, code: str, **facts: str) -> None:
    shard.record(
        f"{shard.tenant}/refusals",
        "CommandRefused",
        command_type="OpenAccount",
        code=code,
        detail="it is so",
        facts=[{"name": name, "value": value} for name, value in facts.items()],
    )
