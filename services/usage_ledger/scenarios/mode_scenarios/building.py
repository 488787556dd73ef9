"""How a state came about: by commands, all of which are accepted, whatever rules hold at the end.

Today's guard refuses some states that there are. So the workspace is older than the registry, which knows what is to be
guarded, and than the policy, which guards it: P3 asks for the mode, and without a proxy that is byok.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.scenarios.mode_scenarios.commands import FINGERPRINT, published
from usage_ledger.scenarios.mode_scenarios.scenario import TENANT, WORKSPACE, State
from usage_ledger.scenarios.translating.asked import REASON, Asked
from usage_ledger.streams import PLATFORM
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    ChangeRuntime,
    NamedCredential,
    RegisterWorkspace,
    SelectModel,
)

_OLD_POLICY: Final = "P3"
_NEIGHBOUR: Final = "ws-neighbour"
"""What the organization has stored came through another workspace of it."""


def commands_to(state: State) -> Iterator[Asked]:
    """Commands that leave the state on a ledger without any fact, in their order."""
    yield _activate(_OLD_POLICY)
    yield from _of_organization(state)
    if state.is_registered:
        yield from _of_workspace(state)
    yield published(packaged_content())
    if state.is_proxy_wired:
        yield Asked(PLATFORM, WireProxy())
    yield _activate(state.policy)


def _activate(policy: str) -> Asked:
    return Asked(PLATFORM, ActivatePolicy(policy, REASON))


def _of_organization(state: State) -> Iterator[Asked]:
    if state.tenant_credentials:
        yield Asked(TENANT, RegisterWorkspace(_NEIGHBOUR))
    for name in state.tenant_credentials:
        yield Asked(TENANT, AddCredentialName(_NEIGHBOUR, name, FINGERPRINT, "tenant"))


def _of_workspace(state: State) -> Iterator[Asked]:
    """Runtime and model come after it begins: what begins with them has to be able to start."""
    names = tuple(NamedCredential(name, FINGERPRINT) for name in state.workspace_credentials)
    yield Asked(TENANT, RegisterWorkspace(WORKSPACE, kind=state.kind, credentials=names))
    if state.runtime is not None:
        yield Asked(TENANT, ChangeRuntime(WORKSPACE, state.runtime, "import"))
    if state.model is not None:
        yield Asked(TENANT, SelectModel(WORKSPACE, state.model, "import"))
    if state.override is not None:
        yield Asked(TENANT, ChangeBillingMode(WORKSPACE, state.override, REASON, origin="import"))
