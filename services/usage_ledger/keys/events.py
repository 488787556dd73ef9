"""What happened to a service key. Its secret is never stored."""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class ServiceKeyIssued(EventPayload, frozen=True):
    """A key; ``secret_hash`` is SHA-256 of its secret, ``expires_at`` microseconds UTC (K1).

    ``capabilities`` are those of the calls that it may hold credit for; None means all.
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


class ServiceKeyRotated(EventPayload, frozen=True):
    """A new secret; the one before it ends at ``old_valid_until``, microseconds UTC, and any older one now (K2)."""

    key_id: str
    secret_hash: bytes
    old_valid_until: int


class ServiceKeyRevoked(EventPayload, frozen=True):
    """The key admits nothing from now on (K2)."""

    key_id: str
    reason: str
