"""The mode of a workspace on the wire: the resolver's own answer from the facts, and the fact that last changed it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from usage_ledger.adapters.postgres.ledger_reader import Recorded
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.mode_question import ModeFound
from usage_ledger.recorded_event import Actor
from usage_ledger.workspaces.answer import answer_of
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource, Rung
from usage_ledger.workspaces.known_facts import Answered


class ChangedBy(msgspec.Struct, frozen=True):
    """The event that last changed the answer, ``at`` the time at which it took effect.

    A policy or a registry may have been announced, that is recorded, long before. ``from_mode`` is null where the
    workspace began with it.
    """

    event_id: str
    type: str
    actor: Actor
    on_behalf_of: Actor | None
    command_id: str
    at: str
    recorded_at: str
    reason: str | None
    from_mode: BillingMode | None
    to_mode: BillingMode


class BillingModeAnswer(msgspec.Struct, frozen=True):
    """Who pays, and why: every rung with what it saw. ``version`` is the workspace stream's.

    ``as_of.recorded_at`` is the instant that was judged, ``known_at`` until when facts are known.
    """

    workspace_id: str
    version: int
    resolved_mode: BillingMode
    workspace_override: str | None
    source: ModeSource
    provider_selection: str | None
    derived_by: str
    policy: str
    registry: str | None
    model: str | None
    runtime: str | None
    rungs: tuple[Rung, ...]
    states: tuple[str, ...]
    faults: tuple[str, ...]
    changed_by: ChangedBy
    known_at: str
    as_of: AsOfAnswer


_TAKEN_OVER = tuple(
    name for name in BillingModeAnswer.__struct_fields__ if name not in ("changed_by", "known_at", "as_of")
)


def billing_mode_answer(found: ModeFound) -> BillingModeAnswer:
    return BillingModeAnswer(**billing_mode_members(found))


def billing_mode_members(found: ModeFound) -> dict[str, Any]:
    """The members of ``BillingModeAnswer``, for answers that say more."""
    answered = found.answered
    answer = answer_of(answered.sources, answered.judged, before=None)
    return {
        **{name: getattr(answer, name) for name in _TAKEN_OVER},
        "changed_by": _changed_by(answered),
        "known_at": format_micros(found.asked.known.recorded_at),
        "as_of": found.as_of,
    }


def _changed_by(answered: Answered[Recorded]) -> ChangedBy:
    event, envelope = answered.changed_by, answered.changed_by.envelope
    return ChangedBy(
        event_id=str(UUID(bytes=envelope.event_id)),
        type=type(event.payload).__name__,
        actor=envelope.actor,
        on_behalf_of=envelope.on_behalf_of,
        command_id=envelope.command_id,
        at=format_micros(answered.changed_at),
        recorded_at=format_micros(envelope.recorded_at),
        reason=getattr(event.payload, "reason", None),
        from_mode=answered.before.resolved.mode if answered.before else None,
        to_mode=answered.judged.resolved.mode,
    )
