"""Registries for tests: the packaged one, and what is made of it."""

from __future__ import annotations

from typing import Any

import msgspec

from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.governance.commands import PublishRegistry
from usage_ledger.workspaces.registry.content import RegistryContent, canonical_json

LABEL = packaged_content().version


def content(label: str = LABEL, **members: Any) -> RegistryContent:
    """The packaged registry under a label, with other members where they are named."""
    return msgspec.structs.replace(packaged_content(), version=label, **members)


def publish(label: str = LABEL, *, at: int | None = None, reason: str = "launch", **members: Any) -> PublishRegistry:
    text = canonical_json(content(label, **members)).decode()
    return PublishRegistry(version=label, content=text, reason=reason, effective_from=at)
