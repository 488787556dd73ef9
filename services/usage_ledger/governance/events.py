"""What governs billing modes: which policy judges whom, and which registry version says who serves a model.

``effective_from`` (microseconds UTC) may lie in the future, never before the event was recorded.
"""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class PolicyActivated(EventPayload, frozen=True):
    """A policy judges from ``effective_from`` on: one workspace, one organization, or everybody (billing-mode 2).

    ``scope_tenant`` is whose workspace or organization it is; None where it is for everybody.
    """

    policy: str
    effective_from: int
    scope_tenant: str | None
    organization_id: str | None
    workspace_id: str | None
    reason: str


class RegistryPublished(EventPayload, frozen=True):
    """A registry version is in force from ``effective_from`` on. ``digest`` is made of ``content``, which is JSON."""

    version: str
    digest: str
    content: str
    effective_from: int
    reason: str


class GovernanceTookEffect(EventPayload, frozen=True):
    """The time of facts that were announced has come: from now on they judge.

    ``effective_from`` is the instant that all of them named. What follows from it happens on this event.
    """

    effective_from: int
