"""What the rules could see when a name was refused: nothing that came later, even within the same microsecond."""

from __future__ import annotations

import asyncio

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from publishing.stored import store
from usage_ledger.adapters.postgres.key_write_facts import KeyWriteFacts
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.workspace import Workspace
from views.recorded import NOW, TENANT, WORKSPACE, Shard
from views.workspaces import default_set, registered, selected, stored


@pytest.fixture
def history() -> Shard:
    """Registered, a model, a default and a credential of the organization: all of them at one instant."""
    shard = Shard()
    organization = f"{TENANT}/organization-{TENANT}"
    for stream, payload in (
        (WORKSPACE, registered()),
        (WORKSPACE, selected("kimi-for-coding")),
        (organization, default_set("byok")),
        (organization, stored("KIMI_API_KEY", scope="tenant")),
    ):
        shard.record(stream, type(payload).__name__, **msgspec.to_builtins(payload), recorded_at=NOW)
    return shard


@pytest.fixture
def sources_at(ledger_database: str, history: Shard):
    with psycopg.connect(ledger_database, autocommit=True) as owner:
        store(owner, history.events)

    async def read(workspace_id: str, position: int) -> ModeSources:
        dsn = make_conninfo(ledger_database, user="ledger_reader")
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            return await KeyWriteFacts(connection, 0, TENANT).sources(workspace_id, TENANT, position)

    return lambda position, workspace_id="ws": asyncio.run(read(workspace_id, position))


def seen(sources: ModeSources) -> tuple[str | None, str | None, set[str]]:
    organization = sources.organization
    assert organization is not None
    names = set(organization.credentials.names.at(NOW))
    return sources.workspace.model.at(NOW), organization.default_mode.at(NOW), names


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (1, (None, None, set())),
        (2, ("kimi-for-coding", None, set())),
        (3, ("kimi-for-coding", "byok", set())),
        (4, ("kimi-for-coding", "byok", {"KIMI_API_KEY"})),
    ],
)
def test_facts_count_up_to_the_position_and_no_further(sources_at, position, expected):
    assert seen(sources_at(position)) == expected


def test_a_workspace_that_did_not_begin_sees_its_organizations_facts(sources_at):
    sources = sources_at(4, "unborn")
    assert (sources.workspace.version, sources.organization_id) == (Workspace().version, TENANT)
    assert seen(sources) == (None, "byok", {"KIMI_API_KEY"})
