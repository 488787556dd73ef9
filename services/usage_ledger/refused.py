"""The refusal as a fact: what was asked, the code, and what the rule saw. In ``{tenant}/refusals``.

Two refusals are facts of their own besides, because others ask about them later.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from usage_ledger.recorded_event import EventPayload
from usage_ledger.refusals import Refusal


class Fact(msgspec.Struct, frozen=True, gc=False):
    """One thing that the rule saw, as text."""

    name: str
    value: str


class CommandRefused(EventPayload, frozen=True):
    """A command was understood and is not done (U2)."""

    command_type: str
    code: str
    detail: str
    facts: tuple[Fact, ...]


class NotedRefusal(Refusal):
    """A refusal that also stands, as ``noted``, in ``stream_id``."""

    def __init__(self, code: str, detail: str, facts: Mapping[str, str], stream_id: str, noted: EventPayload) -> None:
        super().__init__(code, detail, facts)
        self.stream_id = stream_id
        self.noted = noted
