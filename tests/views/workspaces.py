"""Events of workspaces and organizations, built from the write side's own structs, with what a test need not say."""

from __future__ import annotations

from typing import Any

import msgspec

from usage_ledger.recorded_event import EventPayload
from usage_ledger.workspaces.billing_mode import BillingMode, Resolution
from usage_ledger.workspaces.events import (
    BillingModeResolved,
    BillingOverrideCleared,
    BillingOverrideSet,
    CredentialNameAdded,
    CredentialWriteRejected,
    ModelSelected,
    OrgDefaultSet,
    ProvisionDecided,
    ProvisionRefused,
    RuntimeChanged,
    WorkspaceRegistered,
)
from views.recorded import NOW, Recorded, Shard

PLATFORM = Resolution("platform_managed", "derived_provider", "platform", "P4", "2026-06-12")
BYOK = Resolution("byok", "derived_provider", "kimi-coding", "P4", "2026-06-12")
DEFAULT = Resolution("byok", "derived_default", None, "P4", None)


def happens(shard: Shard, payload: EventPayload, stream: str | None = None) -> Recorded:
    """The event in the stream of the workspace that it names, or in this one of the shard's tenant."""
    fields: dict[str, Any] = msgspec.to_builtins(payload)
    name = stream or f"workspace-{fields['workspace_id']}"
    return shard.record(f"{shard.tenant}/{name}", type(payload).__name__, **fields)


def registered(workspace_id: str = "ws", **fields: Any) -> WorkspaceRegistered:
    usual = {"kind": "workspace", "runtime": "claude-code", "deployment": "default", "before": None, "after": PLATFORM}
    return WorkspaceRegistered(workspace_id, **{**usual, **fields})


def selected(model: str, workspace_id: str = "ws", **fields: Any) -> ModelSelected:
    usual = {"origin": "user", "previous": None, "before": PLATFORM, "after": BYOK}
    return ModelSelected(workspace_id, model, **{**usual, **fields})


def runs_on(runtime: str | None, workspace_id: str = "ws", **fields: Any) -> RuntimeChanged:
    usual = {"previous": "claude-code", "before": PLATFORM, "after": BYOK}
    return RuntimeChanged(workspace_id, runtime, **{**usual, **fields})


def overridden(mode: Any = "byok", workspace_id: str = "ws", **fields: Any) -> BillingOverrideSet:
    after = Resolution("byok", "workspace_override", "platform", "P4", "2026-06-12")
    usual = {"previous": None, "effective_from": NOW, "reason": "an experiment", "before": PLATFORM, "after": after}
    return BillingOverrideSet(workspace_id, mode, **{**usual, **fields})


def cleared(workspace_id: str = "ws", **fields: Any) -> BillingOverrideCleared:
    usual = {"previous": "byok", "effective_from": NOW, "reason": "it is over", "before": BYOK, "after": PLATFORM}
    return BillingOverrideCleared(workspace_id, **{**usual, **fields})


def stored(name: str, workspace_id: str = "ws", **fields: Any) -> CredentialNameAdded:
    usual = {"organization_id": "acme", "scope": "workspace", "fingerprint": "f" * 32, "before": BYOK, "after": BYOK}
    return CredentialNameAdded(workspace_id, name=name, **{**usual, **fields})


def rejected(name: str = "KIMI_API_KEY", workspace_id: str = "ws", **fields: Any) -> CredentialWriteRejected:
    usual = {
        "organization_id": "acme",
        "scope": "workspace",
        "code": "platform_model_blocks_vendor_key",
        "rule": "platform_model",
        "model": "moonshot/kimi-k2.6",
        "runtime": "claude-code",
        "policy": "P4",
        "registry_version": "2026-06-12",
    }
    return CredentialWriteRejected(workspace_id, name=name, **{**usual, **fields})


def moved(before: Resolution | None, after: Resolution, workspace_id: str = "ws", **fields: Any) -> BillingModeResolved:
    usual = {"states": (), "faults": (), "cause": "01943b3e-0000-7000-8000-000000000001"}
    return BillingModeResolved(workspace_id, before, after, **{**usual, **fields})


def default_set(mode: str, organization_id: str = "acme", **fields: Any) -> OrgDefaultSet:
    usual = {"previous": None, "reason": "a contract", "has_effect": False}
    return OrgDefaultSet(organization_id, mode, **{**usual, **fields})


def decided(
    run_id: str = "r1", mode: BillingMode = "byok", workspace_id: str = "ws", **fields: Any
) -> ProvisionDecided:
    usual = {**_decision(mode), "outcome": "started_direct", "warnings": (), "withheld": ()}
    return ProvisionDecided(workspace_id, run_id, **{**usual, **fields})


def refused(
    run_id: str = "r1", mode: BillingMode = "byok", workspace_id: str = "ws", **fields: Any
) -> ProvisionRefused:
    usual = {**_decision(mode), "code": "missing_byok_credential", "also": ("missing_model",)}
    return ProvisionRefused(workspace_id, run_id, **{**usual, **fields})


def _decision(mode: BillingMode) -> dict[str, Any]:
    return {
        "mode": mode,
        "mode_source": "derived_provider",
        "provider": "kimi-coding",
        "how": "exact",
        "policy": "P4",
        "registry_version": "2026-06-12",
        "registry_digest": "9f" * 32,
        "inputs": (),
        "trail": (),
        "faults": (),
    }
