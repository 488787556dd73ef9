"""A dividend: what was declared, and whether everybody was paid."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.dividends.events import DividendCompleted, DividendDeclared
from usage_ledger.recorded_event import EventPayload


class Dividend(msgspec.Struct):
    """The state of one dividend's stream. Whom it paid, the recipients' own accounts know."""

    version: int = 0
    declared: DividendDeclared | None = None
    completed: DividendCompleted | None = None

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        if isinstance(payload, DividendDeclared):
            self.declared = payload
        elif isinstance(payload, DividendCompleted):
            self.completed = payload

    def snapshot(self) -> bytes:
        """The whole state as bytes; ``restore`` gives it back exactly."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def restore(cls, state: bytes, version: int) -> Dividend:
        dividend = msgspec.msgpack.decode(state, type=cls)
        dividend.version = version
        return dividend
