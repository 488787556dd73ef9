"""What judges billing modes: registry versions are published, policies activated, now or for later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from usage_ledger.entrypoints.http.instants import InstantOrNone, to_micros
from usage_ledger.entrypoints.http.writes import Write
from usage_ledger.governance.activating import PolicyActivation
from usage_ledger.governance.commands import ActivatePolicy, PublishRegistry
from usage_ledger.governance.publishing import RegistryAnswer
from usage_ledger.identifiers import Id
from usage_ledger.workspaces.commands import Text

_TIMES: Final = ("effective_from_in_past", "effective_from_too_far")

RegistryJson = Annotated[
    msgspec.Raw,
    msgspec.Meta(
        description="the registry, as `usage-ledger registry packaged` shows one", extra_json_schema={"type": "object"}
    ),
]
"""Not decoded here: whatever is wrong with it is answered as ``invalid_registry``, with all that is wrong."""


class PublishRegistryBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of the provider registry; without ``effective_from`` it is in force at once."""

    version: Id
    content: RegistryJson
    reason: Text = ""
    effective_from: InstantOrNone = None
    expected_version: int | None = None


class PolicyScope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One workspace or one organization of the tenant, not both; empty is everybody."""

    workspace_id: Id | None = None
    organization_id: Id | None = None


class ActivatePolicyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without ``scope`` it judges everybody, without ``effective_from`` at once."""

    policy: Text
    reason: Text = ""
    effective_from: InstantOrNone = None
    scope: PolicyScope = PolicyScope()
    expected_version: int | None = None


def _registry_command(body: PublishRegistryBody, _: Mapping[str, Any]) -> PublishRegistry:
    return PublishRegistry(
        version=body.version,
        content=bytes(body.content).decode(),
        reason=body.reason,
        effective_from=_micros(body.effective_from),
        expected_version=body.expected_version,
    )


def _policy_command(body: ActivatePolicyBody, _: Mapping[str, Any]) -> ActivatePolicy:
    return ActivatePolicy(
        policy=body.policy,
        reason=body.reason,
        effective_from=_micros(body.effective_from),
        workspace_id=body.scope.workspace_id,
        organization_id=body.scope.organization_id,
        expected_version=body.expected_version,
    )


def _micros(instant: InstantOrNone) -> int | None:
    return None if instant is None else to_micros(instant)


WRITES: Final = (
    Write(
        "POST",
        "/v1/registries",
        "Publish a version of the provider registry, in force now or from a time on",
        (PublishRegistry,),
        PublishRegistryBody,
        _registry_command,
        RegistryAnswer,
        201,
        ("missing_reason", "version_conflict", "invalid_registry", *_TIMES),
    ),
    Write(
        "POST",
        "/v1/policies",
        "Have a policy judge a workspace, an organization or everybody, now or from a time on",
        (ActivatePolicy,),
        ActivatePolicyBody,
        _policy_command,
        PolicyActivation,
        201,
        ("missing_reason", "version_conflict", "unknown_policy", "workspace_not_found", *_TIMES),
    ),
)
