"""A service key: issued once, perhaps rotated or revoked. What it allows is judged at the door, by the key register."""

from __future__ import annotations

import msgspec

from usage_ledger.keys.events import ServiceKeyIssued, ServiceKeyRevoked
from usage_ledger.recorded_event import EventPayload


class ServiceKey:
    """State of a key stream."""

    __slots__ = ("expires_at", "prefix", "revoked", "version")

    def __init__(self) -> None:
        self.version = 0
        self.prefix = ""
        self.revoked = False
        self.expires_at: int | None = None

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        match payload:
            case ServiceKeyIssued():
                self.prefix = payload.prefix
                self.expires_at = payload.expires_at
            case ServiceKeyRevoked():
                self.revoked = True
            case _:
                pass

    def snapshot(self) -> bytes:
        """State as bytes for ``restore``; the version travels beside it."""
        return msgspec.msgpack.encode((self.prefix, self.revoked, self.expires_at))

    @classmethod
    def restore(cls, state: bytes, version: int) -> ServiceKey:
        """What ``snapshot`` saw."""
        key = cls()
        key.version = version
        key.prefix, key.revoked, key.expires_at = msgspec.msgpack.decode(state, type=tuple[str, bool, int | None])
        return key
