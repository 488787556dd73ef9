"""The refusal as a fact: what was asked, the code, and what the rule saw. In ``{tenant}/refusals``."""

from __future__ import annotations

import msgspec

from usage_ledger.recorded_event import EventPayload


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
