"""A row of a billing-mode table: one set of facts, and what the resolver answers about it under each policy."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from usage_ledger.workspaces.resolver.facts import Facts


class ModeCase(msgspec.Struct, frozen=True):
    """``expected`` is by policy, then by what is answered. ``states`` are the states of inputs that the row states."""

    case_id: str
    title: str
    facts: Facts
    states: Mapping[str, str]
    has_registry: bool
    provider: str
    expected: Mapping[str, Mapping[str, str]]
