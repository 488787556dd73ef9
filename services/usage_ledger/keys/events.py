"""What happened to a service key. Its secret is never stored."""

from __future__ import annotations

import msgspec

from usage_ledger.recorded_event import EventPayload


class KeyCircuit(msgspec.Struct, frozen=True):
    """More than ``requests`` within ``within_s`` seconds make the key rest for ``open_s`` seconds (L8)."""

    requests: int
    within_s: int
    open_s: int


class ServiceKeyIssued(EventPayload, frozen=True):
    """A key; ``secret_hash`` is SHA-256 of its secret, ``expires_at`` microseconds UTC (K1).

    ``capabilities`` and ``models`` (patterns) are those of the calls that it may hold credit for, ``bill_to`` the
    accounts that it may name to pay for them; None means all. ``circuit`` None: it has no breaker.
    """

    key_id: str
    secret_hash: bytes
    prefix: str
    scopes: tuple[str, ...]
    key_source: str
    account_id: str | None
    workspace_id: str | None
    tenants: tuple[str, ...] | None
    expires_at: int | None
    capabilities: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    bill_to: tuple[str, ...] | None = None
    circuit: KeyCircuit | None = None


class ServiceKeyRotated(EventPayload, frozen=True):
    """A new secret; the one before it ends at ``old_valid_until``, microseconds UTC, and any older one now (K2)."""

    key_id: str
    secret_hash: bytes
    old_valid_until: int


class ServiceKeyRevoked(EventPayload, frozen=True):
    """The key admits nothing from now on (K2)."""

    key_id: str
    reason: str
