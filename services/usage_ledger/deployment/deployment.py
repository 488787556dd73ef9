"""The deployment: whether a metered proxy is wired, by time. No fact recorded means not wired."""

from __future__ import annotations

import msgspec

from usage_ledger.deployment.events import ProxyUnwired, ProxyWired
from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import Timeline


class Deployment:
    """State of the deployment's stream, one of the facts that every shard reads."""

    __slots__ = ("name", "version", "wired")

    def __init__(self) -> None:
        self.version = 0
        self.name = "default"
        self.wired: Timeline[bool] = Timeline(False)

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        match payload:
            case ProxyWired():
                self.wired.change(recorded_at, True)
            case ProxyUnwired():
                self.wired.change(recorded_at, False)
            case _:
                pass

    def wired_at(self, instant: int) -> bool:
        """Whether the proxy was wired at the instant (microseconds UTC), that instant included."""
        return self.wired.at(instant)

    def snapshot(self) -> bytes:
        """State as bytes for ``restore``; the version travels beside it."""
        return msgspec.msgpack.encode(self.wired.changes())

    @classmethod
    def restore(cls, state: bytes, version: int) -> Deployment:
        """What ``snapshot`` saw."""
        deployment = cls()
        deployment.version = version
        deployment.wired.change_all(msgspec.msgpack.decode(state, type=list[tuple[int, bool]]))
        return deployment
