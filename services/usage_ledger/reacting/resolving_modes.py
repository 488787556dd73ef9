"""Which workspaces may be billed otherwise since a fact of the deployment or of an organization (billing-mode 2).

Rather too many than too few: the command judges, and records nothing for a workspace whose answer is what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

import msgspec

from usage_ledger.deployment.events import ProxyUnwired, ProxyWired
from usage_ledger.governance.events import GovernanceTookEffect, PolicyActivated, RegistryPublished
from usage_ledger.reacting.reaction_command import cause_of, reaction_command
from usage_ledger.reacting.unsettled import Unsettled
from usage_ledger.reacting.workspace_index import (
    ALL,
    BEFORE_EVERY_WORKSPACE,
    Concerned,
    WorkspaceIndex,
    WorkspacePlace,
)
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.submission import Submission
from usage_ledger.workspaces.commands import RESOLVED_MAX, ResolveBillingModes
from usage_ledger.workspaces.events import CredentialNameAdded, CredentialNameRemoved, OrgDefaultCleared, OrgDefaultSet

Concerns = Callable[[Envelope, Any, WorkspaceIndex], Iterable[Concerned]]


def resolve_modes(envelope: Envelope, fact: EventPayload, unsettled: Unsettled) -> Iterator[list[Submission]]:
    """Page by page, so that it takes the same memory however many workspaces there are."""
    concerned = list(CONCERNS[type(fact)](envelope, fact, unsettled.index))
    if not concerned:
        return
    # A decision under way may not know the fact yet, and a workspace that it registers would be missing.
    unsettled.wait_for_decisions()
    for each in concerned:
        after = BEFORE_EVERY_WORKSPACE
        while page := unsettled.index.workspaces(each, after, RESOLVED_MAX):
            for _, of_shard in groupby(page, key=lambda place: place.shard):
                yield _resolve(envelope, _instant_of(envelope, fact), of_shard)
            after = page[-1]


def _resolve(envelope: Envelope, since: int, places: Iterator[WorkspacePlace]) -> list[Submission]:
    submissions: list[Submission] = []
    for tenant, of_tenant in groupby(places, key=lambda place: place.tenant):
        ids = [place.workspace_id for place in of_tenant]
        command = ResolveBillingModes(tuple(ids), cause_of(envelope), since)
        keys = [f"{workspace_id}/".encode() for workspace_id in ids]  # ended, so that no two lists read the same
        submission = reaction_command(envelope, tenant, keys, command)
        # Stored nowhere: a page that is sent again finds that every workspace was told.
        submissions.append(msgspec.structs.replace(submission, request_hash=None))
    return submissions


def _instant_of(envelope: Envelope, fact: EventPayload) -> int:
    """From when on the fact counts, microseconds UTC."""
    if isinstance(fact, PolicyActivated | RegistryPublished | GovernanceTookEffect):
        return fact.effective_from
    return envelope.recorded_at


def _of_policy(envelope: Envelope, activated: PolicyActivated, _: WorkspaceIndex) -> list[Concerned]:
    """One for later is nobody's yet: its time will be a fact of its own."""
    return [] if activated.effective_from > envelope.recorded_at else [_judged_by(activated)]


def _of_registry(envelope: Envelope, published: RegistryPublished, _: WorkspaceIndex) -> list[Concerned]:
    return [] if published.effective_from > envelope.recorded_at else [ALL]


def _of_effect(_: Envelope, effect: GovernanceTookEffect, index: WorkspaceIndex) -> list[Concerned]:
    announced = index.announced_for(effect.effective_from)
    concerned = dict.fromkeys(_judged_by(fact) if isinstance(fact, PolicyActivated) else ALL for fact in announced)
    return [ALL] if ALL in concerned else list(concerned)


def _judged_by(activated: PolicyActivated) -> Concerned:
    return Concerned(activated.scope_tenant, activated.organization_id, activated.workspace_id)


def _of_proxy(*_: object) -> list[Concerned]:
    return [ALL]


def _of_default(envelope: Envelope, default: OrgDefaultSet | OrgDefaultCleared, _: WorkspaceIndex) -> list[Concerned]:
    return [Concerned(envelope.tenant, default.organization_id)]


def _of_name(
    envelope: Envelope, changed: CredentialNameAdded | CredentialNameRemoved, _: WorkspaceIndex
) -> list[Concerned]:
    """A workspace's own name says before and after itself."""
    return [Concerned(envelope.tenant, changed.organization_id)] if changed.scope == "tenant" else []


CONCERNS: Final[Mapping[type[EventPayload], Concerns]] = {
    PolicyActivated: _of_policy,
    RegistryPublished: _of_registry,
    GovernanceTookEffect: _of_effect,
    ProxyWired: _of_proxy,
    ProxyUnwired: _of_proxy,
    OrgDefaultSet: _of_default,
    OrgDefaultCleared: _of_default,
    CredentialNameAdded: _of_name,
    CredentialNameRemoved: _of_name,
}
