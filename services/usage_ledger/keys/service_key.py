"""A service key: issued once, perhaps revoked. What it allows is judged at the door, from the register of keys."""

from __future__ import annotations

import msgspec

from usage_ledger.keys.events import ServiceKeyIssued, ServiceKeyRevoked
from usage_ledger.recorded_event import EventPayload


class ServiceKey:
    """State of a key stream."""

    __slots__ = ("prefix", "revoked", "version")

    def __init__(self) -> None:
        self.version = 0
        self.prefix = ""
        self.revoked = False

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        match payload:
            case ServiceKeyIssued():
                self.prefix = payload.prefix
            case ServiceKeyRevoked():
                self.revoked = True
            case _:
                pass

    def snapshot(self) -> bytes:
        """State as bytes for ``restore``; the version travels beside it."""
        return msgspec.msgpack.encode((self.prefix, self.revoked))

    @classmethod
    def restore(cls, state: bytes, version: int) -> ServiceKey:
        """What ``snapshot`` saw."""
        key = cls()
        key.version = version
        key.prefix, key.revoked = msgspec.msgpack.decode(state, type=tuple[str, bool])
        return key
