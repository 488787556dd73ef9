"""What a door hands to the appender, and what it gets back."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.recorded_event import Actor


class Breaker(msgspec.Struct, frozen=True):
    """The circuit breaker of a key: more than ``requests`` in ``within_s`` open it for ``open_s`` seconds (L8)."""

    key_id: str
    requests: int
    within_s: int
    open_s: int


class Submission(msgspec.Struct, frozen=True):
    """One command of one tenant, authenticated and validated.

    ``request_hash`` (16 bytes) is None for usage without an idempotency key: its attempt ids do the work (U1).
    """

    command: msgspec.Struct
    tenant: str
    source: str
    command_id: str
    actor: Actor
    correlation_id: str
    request_hash: bytes | None = None
    on_behalf_of: Actor | None = None
    causation_id: str | None = None
    breaker: Breaker | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What became of a command. ``answer`` is the JSON object its deciding function answered, as bytes.

    ``positions`` are ``<shard>-<n>`` texts, the last event of this command; empty when nothing was appended.
    """

    outcome: Literal["accepted", "duplicate", "refused"]
    answer: bytes = b"{}"
    positions: tuple[str, ...] = ()
    code: str | None = None
    detail: str = ""
    facts: dict[str, str] = {}
    replayed: bool = False
