"""A ledger with very many workspaces, made by commands, many in one transaction: what a what-if has to go through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.embedded.servers import Report
from usage_ledger.governance.commands import PublishRegistry
from usage_ledger.handlers import HANDLERS
from usage_ledger.recorded_event import Actor
from usage_ledger.streams import PLATFORM
from usage_ledger.submission import Submission
from usage_ledger.workspaces.commands import ChangeBillingMode, NamedCredential, RegisterWorkspace

TENANTS: Final = 20
KINDS: Final = 4
"""As many of each: platform model, vendor model with its key, platform model under an override, plain client."""

_GROUP: Final = 1_000
_RUNTIME: Final = "codex"
_FINGERPRINT: Final = f"hmac-sha256:{'0' * 64}"


def make_workspaces(dsn: str, count: int, report: Report) -> None:
    """Raises BenchmarkFailed if one could not be made."""
    appender = Appender(PostgresStore(dsn), SystemClock(), HANDLERS)
    try:
        _send(appender, PLATFORM, [WireProxy(), _registry()], "facts")
        for number, tenant in enumerate(tenants()):
            of_tenant = range(number, count, TENANTS)
            commands = (command for each in of_tenant for command in _commands(each))
            for group_number, group in enumerate(_groups(commands)):
                _send(appender, tenant, group, f"{tenant}-{group_number}")
            report(f"Making workspaces: {min(count, (number + 1) * len(of_tenant)):,} of {count:,}")
    finally:
        appender.stop()


def tenants() -> list[str]:
    return [f"tenant-{number:02}" for number in range(TENANTS)]


def flips_without_overrides(count: int) -> int:
    """Those that a policy without an override would move: byok on a platform model, by override alone."""
    return len(range(2, count, KINDS))


def _commands(number: int) -> list[msgspec.Struct]:
    workspace_id = f"ws-{number:06}"
    platform_model, vendor_model, key = _menu()
    kind = number % KINDS
    if kind == 1:
        credentials = (NamedCredential(key, _FINGERPRINT),)
        return [RegisterWorkspace(workspace_id, runtime=_RUNTIME, model=vendor_model, credentials=credentials)]
    if kind == 3:
        return [RegisterWorkspace(workspace_id)]
    begun: list[msgspec.Struct] = [RegisterWorkspace(workspace_id, runtime=_RUNTIME, model=platform_model)]
    return [*begun, ChangeBillingMode(workspace_id, mode="byok", reason="bench")] if kind == 2 else begun


def _menu() -> tuple[str, str, str]:
    """A model of the platform's, one of a vendor's, and the name of that vendor's key."""
    content = packaged_content()
    arms = next(runtime.arms for runtime in content.runtimes if runtime.name == _RUNTIME)
    closed = next(arm for arm in arms if arm.provider == content.closed_provider)
    vendor = next(arm for arm in arms if arm.provider != content.closed_provider and arm.models)
    key = next(provider.auth_names[0] for provider in content.providers if provider.name == vendor.provider)
    return closed.models[0], vendor.models[0], key


def _registry() -> PublishRegistry:
    content = packaged_content()
    return PublishRegistry(content.version, msgspec.json.encode(content).decode(), "bench")


def _groups(commands: Iterator[Any]) -> Iterator[list[Any]]:
    while group := list(islice(commands, _GROUP)):
        yield group


def _send(appender: Appender, tenant: str, commands: Sequence[msgspec.Struct], prefix: str) -> None:
    submissions = [
        Submission(command, tenant, "bench", f"{prefix}-{number}", _ACTOR, prefix, request_hash=bytes(16))
        for number, command in enumerate(commands)
    ]
    for outcome in appender.append(submissions):
        if isinstance(outcome, BaseException) or outcome.outcome != "accepted":
            raise BenchmarkFailed(f"a workspace could not be made: {outcome}")


_ACTOR: Final = Actor("operator", "bench")
