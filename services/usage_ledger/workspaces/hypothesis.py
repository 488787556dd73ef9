"""What would be other than it is: a policy, a registry, a proxy, what is stored of some (billing-mode 13, question 5).

Nothing of it is a fact. What a hypothesis does not name stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from usage_ledger.identifiers import Id
from usage_ledger.workspaces.commands import Text
from usage_ledger.workspaces.mode_at import inputs_at
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import (
    Credentials,
    credential_name,
    model_input,
    org_default_input,
    override_input,
    runtime_input,
)
from usage_ledger.workspaces.resolver.policies import Policy
from usage_ledger.workspaces.what_if import Situation, WhatIf, what_if

_REMEMBERED: Final = 2_000

Names = Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)]
TextOrUnset = Text | msgspec.UnsetType | None


class CredentialNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names that would be stored, and that would not, at one scope."""

    added: Names = ()
    removed: Names = ()

    def of(self, stored: frozenset[str]) -> frozenset[str]:
        """What would be stored then."""
        return (stored - set(map(credential_name, self.removed))) | set(map(credential_name, self.added))


class OtherOrganization(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What would be stored of an organization; null is nothing."""

    organization_id: Id
    default_mode: TextOrUnset = msgspec.UNSET
    credentials: CredentialNames = CredentialNames()


class OtherWorkspace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What would be stored of a workspace; null is nothing."""

    workspace_id: Id
    override: TextOrUnset = msgspec.UNSET
    model: TextOrUnset = msgspec.UNSET
    runtime: TextOrUnset = msgspec.UNSET
    credentials: CredentialNames = CredentialNames()


class Hypothesis(msgspec.Struct, frozen=True):
    """``registry`` None is an unavailable one. Organizations and workspaces by their ids, of one tenant."""

    policy: Policy | None = None
    registry: Registry | msgspec.UnsetType | None = msgspec.UNSET
    is_proxy_wired: bool | None = None
    organizations: Mapping[str, OtherOrganization] = {}
    workspaces: Mapping[str, OtherWorkspace] = {}

    def instead_of(self, today: Situation, sources: ModeSources) -> Situation:
        """What would be judged of this workspace, and by what."""
        return Situation(
            facts=self._facts(today.facts, sources),
            registry=today.registry if isinstance(self.registry, msgspec.UnsetType) else self.registry,
            policy=self.policy or today.policy,
        )

    def _facts(self, facts: Facts, sources: ModeSources) -> Facts:
        changed: dict[str, Any] = {}
        if self.is_proxy_wired is not None:
            changed["is_proxy_wired"] = self.is_proxy_wired
        organization = self.organizations.get(sources.organization_id)
        workspace = self.workspaces.get(sources.workspace_id)
        if organization is not None and not isinstance(organization.default_mode, msgspec.UnsetType):
            changed["org_default"] = org_default_input(organization.default_mode)
        if workspace is not None:
            changed |= _stored_of(workspace)
        if organization is not None or workspace is not None:
            changed["credentials"] = _credentials(facts.credentials, organization, workspace)
        return msgspec.structs.replace(facts, **changed) if changed else facts


class Rehearsed:
    """Asks what would become of workspaces, one after the other, as of an instant (microseconds UTC).

    Most workspaces look like many others; what was answered for one of them is answered for the others again.
    """

    def __init__(self, hypothesis: Hypothesis, instant: int) -> None:
        self._hypothesis = hypothesis
        self._instant = instant
        self._answers: dict[tuple[Facts, str, Facts, str], WhatIf] = {}

    def ask(self, sources: ModeSources) -> WhatIf:
        """What would become of this one. Registries are the same for all: no part of what is remembered."""
        today = Situation(*inputs_at(sources, self._instant))
        then = self._hypothesis.instead_of(today, sources)
        key = today.facts, today.policy.name, then.facts, then.policy.name
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            answer = self._answers[key] = what_if(today, then)
        return answer


def _stored_of(workspace: OtherWorkspace) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if not isinstance(workspace.override, msgspec.UnsetType):
        changed["override"] = override_input(workspace.override)
    if not isinstance(workspace.model, msgspec.UnsetType):
        changed["model"] = model_input(workspace.model)
    if not isinstance(workspace.runtime, msgspec.UnsetType):
        changed["runtime"] = runtime_input(workspace.runtime)
    return changed


def _credentials(
    stored: Credentials, organization: OtherOrganization | None, workspace: OtherWorkspace | None
) -> Credentials:
    """Names that cannot be read stay unread."""
    if not stored.is_readable:
        return stored
    return Credentials(
        workspace=workspace.credentials.of(stored.workspace) if workspace else stored.workspace,
        tenant=organization.credentials.of(stored.tenant) if organization else stored.tenant,
    )
