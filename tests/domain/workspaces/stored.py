"""Workspaces under the packaged registry: which models have which payer there, and how their commands are written."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.workspaces.modes.questions import TIED_CONTENT
from usage_ledger.governance.commands import PublishRegistry
from usage_ledger.workspaces.commands import AddCredentialName, NamedCredential, RegisterWorkspace
from usage_ledger.workspaces.mode_sources import ModeSources, ReadersAt, stored_facts
from usage_ledger.workspaces.registry.content import canonical_json
from usage_ledger.workspaces.resolver.fact_reader import FactReaders, FactUnreadable

VENDOR = "kimi-for-coding"
"""Served on claude-code by kimi-coding, which accepts KIMI_API_KEY."""

PLATFORM_MODEL = "anthropic/claude-opus-4-7"
"""The platform's on claude-code; on hermes byok-anthropic's, which accepts ANTHROPIC_API_KEY."""

RESERVED = "MOLECULE_LLM_USAGE_TOKEN"
FINGERPRINT = f"hmac-sha256:{'3f1c' * 16}"
OTHER_FINGERPRINT = f"hmac-sha256:{'0d9e' * 16}"


def named(*names: str) -> tuple[NamedCredential, ...]:
    return tuple(NamedCredential(name, FINGERPRINT) for name in names)


def register(model: str | None = VENDOR, *names: str, runtime: str | None = "claude-code", **others: Any) -> Any:
    return RegisterWorkspace("ws", runtime=runtime, model=model, credentials=named(*names), **others)


def add(name: str, fingerprint: str = FINGERPRINT, **others: Any) -> AddCredentialName:
    return AddCredentialName("ws", name, fingerprint, **others)


def publish_tied() -> PublishRegistry:
    """A registry with two name-only arms on runtime ``r`` that match ``x-1``: ONE_KEY or TWO_KEY chooses."""
    return PublishRegistry(TIED_CONTENT.version, canonical_json(TIED_CONTENT).decode(), "a tie")


def unreadable(*names: str) -> ReadersAt:
    """These inputs cannot be read; all others are as they are stored."""

    def read() -> Any:
        raise FactUnreadable

    def readers_at(sources: ModeSources, instant: int) -> FactReaders:
        return msgspec.structs.replace(stored_facts(sources, instant), **dict.fromkeys(names, read))

    return readers_at
