"""Whom a fact about billing modes concerns is found page by page, in memory and on Postgres alike."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from psycopg import Connection

from appender.ledger import Ledger, VirtualClock
from domain.governance.registries import publish
from usage_ledger.appender import Appender
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.governance.events import PolicyActivated, RegistryPublished
from usage_ledger.handlers import HANDLERS
from usage_ledger.reacting.unsettled import Unsettled
from usage_ledger.reacting.workspace_index import ALL, BEFORE_EVERY_WORKSPACE, Concerned, WorkspacePlace
from usage_ledger.store import LedgerStore
from usage_ledger.streams import shard_of
from usage_ledger.workspaces.commands import RegisterWorkspace

Indexed = tuple[LedgerStore, Unsettled]
MIGRATION = "0010_workspaces.sql"


def ledger_on(store: LedgerStore) -> Ledger:
    clock = VirtualClock()
    return Ledger(Appender(store, clock, HANDLERS), clock)


def place(tenant: str, workspace: str) -> WorkspacePlace:
    return WorkspacePlace(shard_of(tenant, 4), tenant, workspace)


def found(unsettled: Unsettled, concerned: Concerned) -> list[WorkspacePlace]:
    return unsettled.index.workspaces(concerned, BEFORE_EVERY_WORKSPACE, 100)


def test_every_registered_workspace_is_found_once_and_in_order(indexed: Indexed) -> None:
    store, unsettled = indexed
    ledger = ledger_on(store)
    places = [place(tenant, f"ws-{n}") for tenant in ("acme", "globex", "initech") for n in range(3)]
    for each in reversed(places):
        ledger.send(RegisterWorkspace(each.workspace_id), tenant=each.tenant)
        ledger.send(RegisterWorkspace(each.workspace_id), tenant=each.tenant)  # refused
    assert found(unsettled, ALL) == sorted(places)


def test_pages_go_on_where_the_one_before_ended(indexed: Indexed) -> None:
    store, unsettled = indexed
    ledger = ledger_on(store)
    for n in range(5):
        ledger.send(RegisterWorkspace(f"ws-{n}", organization_id="lab"))
    for concerned in (ALL, Concerned("acme", "lab")):
        after, pages = BEFORE_EVERY_WORKSPACE, []
        while page := unsettled.index.workspaces(concerned, after, 2):
            pages.append([each.workspace_id for each in page])
            after = page[-1]
        assert pages == [["ws-0", "ws-1"], ["ws-2", "ws-3"], ["ws-4"]]


def test_an_organization_has_its_own_and_the_tenants_own_has_those_that_name_none(indexed: Indexed) -> None:
    store, unsettled = indexed
    ledger = ledger_on(store)
    ledger.send(RegisterWorkspace("none"))
    ledger.send(RegisterWorkspace("own", organization_id="acme"))
    ledger.send(RegisterWorkspace("labs", organization_id="lab"))
    ledger.send(RegisterWorkspace("elsewhere", organization_id="lab"), tenant="globex")
    assert found(unsettled, Concerned("acme", "acme")) == [place("acme", "none"), place("acme", "own")]
    assert found(unsettled, Concerned("acme", "lab")) == [place("acme", "labs")]
    assert found(unsettled, Concerned("acme", "nobody")) == []


def test_one_workspace_is_found_by_its_tenant_and_id(indexed: Indexed) -> None:
    store, unsettled = indexed
    ledger = ledger_on(store)
    for tenant in ("acme", "globex"):
        ledger.send(RegisterWorkspace("ws"), tenant=tenant)
    concerned = Concerned("acme", workspace_id="ws")
    assert found(unsettled, concerned) == [place("acme", "ws")]
    assert unsettled.index.workspaces(concerned, place("acme", "ws"), 100) == []


def test_what_takes_effect_at_an_instant_is_found_by_it(indexed: Indexed) -> None:
    store, unsettled = indexed
    ledger = ledger_on(store)
    at = ledger.clock.now() + 1_000_000
    ledger.send(publish(at=at), tenant="platform")
    ledger.send(ActivatePolicy("P5", "r", at, organization_id="lab"))
    ledger.send(ActivatePolicy("P6", "r", at + 1), tenant="platform")
    announced = unsettled.index.announced_for(at)
    assert [type(fact) for fact in announced] == [RegistryPublished, PolicyActivated]
    assert unsettled.index.announced_for(at - 1) == []


def test_workspaces_of_before_the_index_are_in_it(ledger: Ledger, owner: Connection[Any]) -> None:
    """Among streams whose names only look like theirs."""
    ledger.send(RegisterWorkspace("ws"), tenant="globex")
    ledger.send(RegisterWorkspace("ws-2"), tenant="globex")
    before = owner.execute("SELECT * FROM ledger.workspaces ORDER BY 1, 2, 3").fetchall()
    owner.execute("TRUNCATE ledger.workspaces")
    owner.execute("UPDATE ledger.events SET stream_id = 'platform/price-a/workspace-b' WHERE stream_id LIKE '%price%'")
    text = files("usage_ledger.adapters.postgres.migrations").joinpath(MIGRATION).read_text()
    owner.execute(text[text.index("INSERT INTO") :])  # type: ignore[arg-type]
    assert owner.execute("SELECT * FROM ledger.workspaces ORDER BY 1, 2, 3").fetchall() == before
    assert len(before) == 3
