"""A deployment in memory with the packaged registry and a wired proxy, told as facts that happened."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.given import NOON, SECOND, TENANT, Fact
from usage_ledger.adapters.packaged_registry import packaged_content, packaged_registry
from usage_ledger.deployment.events import ProxyWired
from usage_ledger.governance.events import RegistryPublished
from usage_ledger.streams import deployment_stream, governance_stream, organization_stream, workspace_stream
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.events import (
    BillingOverrideSet,
    CredentialNameAdded,
    ModelSelected,
    RuntimeChanged,
    WorkspaceRegistered,
)

ANY = Resolution("byok", "derived_default", None, "P4", None)
BEFORE = NOON - 3_600 * SECOND


def wired(at: int = BEFORE) -> Fact:
    return Fact(deployment_stream(), ProxyWired("default"), at)


def registry_in_force(at: int = BEFORE) -> Fact:
    text = msgspec.json.encode(packaged_content()).decode()
    registry = packaged_registry()
    published = RegistryPublished(registry.version, registry.digest, text, at, "first")
    return Fact(governance_stream(), published, at)


def registered(workspace_id: str = "ws", runtime: str | None = "claude-code", at: int = BEFORE) -> Fact:
    event = WorkspaceRegistered(workspace_id, "workspace", runtime, "default", None, ANY)
    return Fact(workspace_stream(TENANT, workspace_id), event, at)


def model(name: str, workspace_id: str = "ws", at: int = BEFORE) -> Fact:
    event = ModelSelected(workspace_id, name, "user", None, ANY, ANY)
    return Fact(workspace_stream(TENANT, workspace_id), event, at)


def runtime(name: str, workspace_id: str = "ws", at: int = BEFORE) -> Fact:
    return Fact(workspace_stream(TENANT, workspace_id), RuntimeChanged(workspace_id, name, None, ANY, ANY), at)


def override(mode: Any, workspace_id: str = "ws", at: int = BEFORE) -> Fact:
    event = BillingOverrideSet(workspace_id, mode, None, at, "r", ANY, ANY)
    return Fact(workspace_stream(TENANT, workspace_id), event, at)


def key(name: str, workspace_id: str = "ws", at: int = BEFORE, *, shared: bool = False) -> Fact:
    """``shared``: stored at the scope of the whole organization."""
    added = CredentialNameAdded(workspace_id, TENANT, "tenant" if shared else "workspace", name, "f", ANY, ANY)
    stream = organization_stream(TENANT, TENANT) if shared else workspace_stream(TENANT, workspace_id)
    return Fact(stream, added, at)


def workspace_of(name: str, *keys: str, shared: tuple[str, ...] = ()) -> list[Fact]:
    """A workspace on claude-code with this model and these keys, in a wired deployment with a registry."""
    return [
        wired(),
        registry_in_force(),
        registered(),
        model(name),
        *(key(each) for each in keys),
        *(key(each, shared=True) for each in shared),
    ]


VENDOR = "kimi-for-coding"
PLATFORM_MODEL = "anthropic/claude-sonnet-4-6"
