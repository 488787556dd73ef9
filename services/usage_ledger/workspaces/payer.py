"""Which account pays for a workspace: the pins over time.

A pin counts from its recorded time, that instant included, and cannot be back-dated. Whether anybody has to pay at all
is not asked here (``billing_mode.py``).
"""

from __future__ import annotations

import msgspec

from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import Timeline
from usage_ledger.workspaces.events import PayerPinned


class Payer:
    """State of a payer stream: the pinned account by time, None while nothing was pinned."""

    __slots__ = ("account", "version")

    def __init__(self) -> None:
        self.version = 0
        self.account: Timeline[str | None] = Timeline(None)

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        match payload:
            case PayerPinned():
                self.account.change(recorded_at, payload.account_id)
            case _:
                pass

    def snapshot(self) -> bytes:
        """State as bytes for ``restore``; the version travels beside it."""
        return msgspec.msgpack.encode(self.account.changes())

    @classmethod
    def restore(cls, state: bytes, version: int) -> Payer:
        """What ``snapshot`` saw."""
        payer = cls()
        payer.version = version
        payer.account.change_all(msgspec.msgpack.decode(state, type=list[tuple[int, str | None]]))
        return payer
