"""SetOrgDefault, ClearOrgDefault: one mode for all workspaces of an organization, which only some policies read.

It is accepted under every policy; the answer says whether the one in force reads it (billing-mode 2). What follows for
the workspaces is recorded in reaction to the event. Setting what is set already is accepted without an event.
"""

from __future__ import annotations

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.refusals import VersionConflict
from usage_ledger.streams import organization_stream
from usage_ledger.workspaces.commands import ClearOrgDefault, SetOrgDefault
from usage_ledger.workspaces.events import OrgDefaultCleared, OrgDefaultSet
from usage_ledger.workspaces.mode_texts import require_reason, required_org_default
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.resolver.policies import Policy


class OrgDefaultAnswer(msgspec.Struct, frozen=True):
    """``mode`` is the text that is stored, None for none; ``version`` the organization stream's.

    ``has_effect`` is whether the policy in force for the organization has a rung that reads it.
    """

    organization_id: str
    version: int
    mode: str | None
    previous_mode: str | None
    has_effect: bool
    policy: str


def set_org_default(command: SetOrgDefault, decision: Decision) -> OrgDefaultAnswer:
    """Set the default: ``invalid_billing_mode``, ``missing_reason``, ``version_conflict``."""
    mode, reason = required_org_default(command.mode, command.origin), require_reason(command.reason)
    organization = _organization(command, decision)
    previous, policy = organization.default_mode.latest, _policy(command, decision)
    if mode != previous:
        event = OrgDefaultSet(command.organization_id, mode, previous, reason, _has_effect(policy))
        decision.record(organization_stream(decision.tenant, command.organization_id), event)
    return _answer(command.organization_id, organization, previous, policy)


def clear_org_default(command: ClearOrgDefault, decision: Decision) -> OrgDefaultAnswer:
    """Clear the default: ``missing_reason``, ``version_conflict``."""
    reason = require_reason(command.reason)
    organization = _organization(command, decision)
    previous, policy = organization.default_mode.latest, _policy(command, decision)
    if previous is not None:
        event = OrgDefaultCleared(command.organization_id, previous, reason, _has_effect(policy))
        decision.record(organization_stream(decision.tenant, command.organization_id), event)
    return _answer(command.organization_id, organization, previous, policy)


def _organization(command: SetOrgDefault | ClearOrgDefault, decision: Decision) -> Organization:
    organization = decision.get(Organization, organization_stream(decision.tenant, command.organization_id))
    if command.expected_version is not None and command.expected_version != organization.version:
        raise VersionConflict(command.expected_version, organization.version)
    return organization


def _policy(command: SetOrgDefault | ClearOrgDefault, decision: Decision) -> Policy:
    """A workspace of it may have one of its own."""
    governance = decision.facts.governance
    return governance.policy_at(decision.tenant, command.organization_id, "", decision.recorded_at)


def _has_effect(policy: Policy) -> bool:
    return "org_default" in policy.rungs


def _answer(organization_id: str, organization: Organization, previous: str | None, policy: Policy) -> OrgDefaultAnswer:
    mode, version = organization.default_mode.latest, organization.version
    return OrgDefaultAnswer(organization_id, version, mode, previous, _has_effect(policy), policy.name)
