"""A ledger with very many workspaces: some made by commands, all others their events' own bytes under another id.

Ids have one length, so a copy is as long and as valid as what it was made from. Its leaf is its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.governance.commands import PublishRegistry
from usage_ledger.handlers import HANDLERS
from usage_ledger.leaf import NO_LEAF, leaf_hash
from usage_ledger.recorded_event import Actor
from usage_ledger.streams import PLATFORM, shard_of, workspace_stream
from usage_ledger.submission import Submission
from usage_ledger.workspaces.commands import ChangeBillingMode, NamedCredential, RegisterWorkspace

TENANTS: Final = 20
KINDS: Final = 4
"""As many of each: platform model, vendor model with its key, platform model under an override, plain client."""

_RUNTIME: Final = "codex"
_FINGERPRINT: Final = f"hmac-sha256:{'0' * 64}"
_MODEL_TENANT: Final = "tenant-of-models"
_TENANT: Final = "tenant-{:09}"
_MODEL_WORKSPACE: Final = "model-{:04}"
_WORKSPACE: Final = "ws-{:07}"
_EVENT_ID_BYTES: Final = 16

# What the copies are made from, in order.
_MODELS: Final = """
SELECT stream_id, stream_version, recorded_at, fingerprint, body FROM ledger.events
 WHERE shard = %s AND stream_id = ANY (%s) ORDER BY stream_id, stream_version
"""

_COPY: Final = """
COPY ledger.events (shard, position, stream_id, stream_version, recorded_at, fingerprint, prev_leaf, leaf, body)
FROM STDIN (FORMAT binary)
"""
_TYPES: Final = ("int4", "int8", "text", "int8", "int8", "bytea", "bytea", "bytea", "bytea")

# The shards stand where the copies end.
_STAND: Final = "UPDATE ledger.shards SET last_position = %s WHERE shard = %s"


class _ModelEvent(NamedTuple):
    stream_id: str
    stream_version: int
    recorded_at: int
    fingerprint: bytes
    body: bytes


def make_workspaces(dsn: str, count: int, shards: int) -> None:
    """Raises BenchmarkFailed if the first ones could not be made."""
    _make_models(dsn)
    with psycopg.connect(dsn) as connection:
        models = _models(connection, shards)
        standing: dict[int, int] = dict(connection.execute("SELECT shard, last_position FROM ledger.shards").fetchall())
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for number in range(count):
                for row in _copies(number, models[number % KINDS], standing, shards):
                    copy.write_row(row)
        with connection.cursor() as cursor:
            cursor.executemany(_STAND, [(position, shard) for shard, position in standing.items()])
        connection.execute("ANALYZE ledger.events")


def flips_without_overrides(count: int) -> int:
    """Those that a policy without an override moves: byok on a platform model, which only the override made them."""
    return len(range(2, count, KINDS)) + 1


def workspaces_of(count: int) -> int:
    """Those that there are: the copies, and what they were made from."""
    return count + KINDS


def _make_models(dsn: str) -> None:
    with closing(PostgresStore(dsn)) as store:
        appender = Appender(store, SystemClock(), HANDLERS)
        _send(appender, PLATFORM, [WireProxy(), _registry()])
        _send(appender, _MODEL_TENANT, [command for kind in range(KINDS) for command in _commands(kind)])


def _commands(kind: int) -> list[msgspec.Struct]:
    workspace_id = _MODEL_WORKSPACE.format(kind)
    platform_model, vendor_model, key = _menu()
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


def _models(connection: psycopg.Connection[Any], shards: int) -> Mapping[int, list[_ModelEvent]]:
    shard = shard_of(_MODEL_TENANT, shards)
    found: dict[int, list[_ModelEvent]] = {}
    for kind in range(KINDS):
        stream = workspace_stream(_MODEL_TENANT, _MODEL_WORKSPACE.format(kind))
        found[kind] = [_ModelEvent(*row) for row in connection.execute(_MODELS, (shard, [stream]))]
    return found


def _copies(
    number: int, models: Sequence[_ModelEvent], standing: dict[int, int], shards: int
) -> Iterator[tuple[Any, ...]]:
    """Rows of one workspace. An envelope begins with the event's id, which is made anew."""
    tenant, workspace_id = _TENANT.format(number % TENANTS), _WORKSPACE.format(number)
    shard, stream, previous = shard_of(tenant, shards), workspace_stream(tenant, workspace_id), NO_LEAF
    for model in models:
        standing[shard] += 1
        body = _renamed(model.body, tenant, workspace_id, _MODEL_WORKSPACE.format(number % KINDS))
        place = shard, standing[shard], stream, model.stream_version
        leaf = leaf_hash(*place, model.fingerprint, previous, body)
        yield *place, model.recorded_at, model.fingerprint, previous, leaf, body
        previous = leaf


def _renamed(body: bytes, tenant: str, workspace_id: str, was: str) -> bytes:
    named = body.replace(_MODEL_TENANT.encode(), tenant.encode()).replace(was.encode(), workspace_id.encode())
    return os.urandom(_EVENT_ID_BYTES) + named[_EVENT_ID_BYTES:]


def _send(appender: Appender, tenant: str, commands: Sequence[msgspec.Struct]) -> None:
    submissions = [
        Submission(command, tenant, "bench", f"{tenant}-{number}", _ACTOR, "bench", request_hash=bytes(16))
        for number, command in enumerate(commands)
    ]
    for outcome in appender.append(submissions):
        if isinstance(outcome, BaseException) or outcome.outcome != "accepted":
            raise BenchmarkFailed(f"a workspace could not be made: {outcome}")


_ACTOR: Final = Actor("operator", "bench")
