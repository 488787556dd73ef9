"""ActivatePolicy: another policy judges one workspace, one organization or everybody (billing-mode 2, 5).

Activating what judges the scope already is accepted without an event.
"""

from __future__ import annotations

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.governance.deciding import governance_of
from usage_ledger.governance.effective_from import Standing, effective_from_of, standing_of
from usage_ledger.governance.events import PolicyActivated
from usage_ledger.governance.governance import EVERYBODY, Governance, Scope
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import governance_stream
from usage_ledger.timeline import format_instant
from usage_ledger.workspaces.changing import existing
from usage_ledger.workspaces.mode_sources import organization_of
from usage_ledger.workspaces.resolver.policies import POLICIES


class PolicyActivation(msgspec.Struct, frozen=True):
    """What was activated, and which policy judges the scope now. ``effective_from`` is RFC 3339.

    A scope without workspace and organization is everybody. ``governance_version`` is the governance stream's, for
    ``expected_version``.
    """

    policy: str
    effective_from: str
    workspace_id: str | None
    organization_id: str | None
    standing: Standing
    in_force: str
    governance_version: int


def activate_policy(command: ActivatePolicy, decision: Decision) -> PolicyActivation:
    """Activate a policy: ``missing_reason``, ``version_conflict``, ``unknown_policy``, ``workspace_not_found``.

    Also ``effective_from_in_past`` and ``effective_from_too_far``. Raises ``InvalidInput('invalid_value')`` when a
    workspace and an organization are named.
    """
    if command.workspace_id is not None and command.organization_id is not None:
        raise InvalidInput("invalid_value", "a workspace or an organization, not both", "/scope")
    governance, reason = governance_of(command.reason, command.expected_version, decision)
    if command.policy not in POLICIES:
        raise Refusal("unknown_policy", f"a policy is one of {', '.join(POLICIES)}")
    judged = _judged(command, decision)
    since = effective_from_of(command.effective_from, decision)
    if not _holds_already(command.policy, governance, judged, since, decision.recorded_at):
        activated = PolicyActivated(
            policy=command.policy,
            effective_from=since,
            scope_tenant=None if judged == EVERYBODY else decision.tenant,
            organization_id=command.organization_id,
            workspace_id=command.workspace_id,
            reason=reason,
        )
        decision.record(governance_stream(), activated)
    return _answer(command, since, judged, decision)


def _judged(command: ActivatePolicy, decision: Decision) -> Scope:
    """Tenant, organization and workspace of those who are judged by it; a named workspace exists."""
    if command.workspace_id is None:
        return EVERYBODY if command.organization_id is None else (decision.tenant, command.organization_id, "")
    workspace = existing(command.workspace_id, None, decision)
    return decision.tenant, organization_of(decision.tenant, workspace), command.workspace_id


def _holds_already(policy: str, governance: Governance, judged: Scope, since: int, now: int) -> bool:
    """Whether the scope's own activations say so: for now what holds, for later the same announcement."""
    activations = governance.activations(_own(judged))
    known = activations.at(since)
    return known is not None and known.name == policy and (since == now or activations.span(since)[0] == since)


def _own(judged: Scope) -> Scope:
    """The activations of a workspace are kept by the workspace alone: its organization can be read from it."""
    tenant, organization_id, workspace_id = judged
    return (tenant, "", workspace_id) if workspace_id else (tenant, organization_id, "")


def _answer(command: ActivatePolicy, since: int, judged: Scope, decision: Decision) -> PolicyActivation:
    governance = decision.get(Governance, governance_stream())
    return PolicyActivation(
        policy=command.policy,
        effective_from=format_instant(since),
        workspace_id=command.workspace_id,
        organization_id=command.organization_id,
        standing=standing_of(since, decision),
        in_force=governance.policy_at(*judged, decision.recorded_at).name,
        governance_version=governance.version,
    )
