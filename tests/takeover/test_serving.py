"""Several `serve` on one store: any of them may take any tenant's usage, and any may be killed at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from http_door.client import Api
from http_door.set_up import bootstrap, settings_for
from takeover.clients import Client
from waiting import eventually

TENANTS = ("acme", "beta", "gamma")
WORKSPACES = ("ws-a", "ws-b")
REQUESTS = "SELECT coalesce(sum(requests), 0)::int FROM views.usage_summary"
ATTEMPTS = "SELECT count(*)::int FROM ledger.attempts"
# What the accounts lost against what was charged, and what the statement says.
CHARGED = "SELECT sum(charged) FROM views.usage_summary"
DEBITED = "SELECT -sum(effect) FROM views.account_entries WHERE type = 'usage'"
BEHIND = """
    SELECT count(*) FROM ledger.shards LEFT JOIN views.progress USING (shard)
     WHERE last_position > coalesce(position, 0)
"""


@pytest.fixture
def gateway_keys(topic, ledger_database, serve) -> tuple[list, dict[str, str]]:
    """Two doors, and a key of each tenant; accounts, workspaces and the price are there."""
    doors = [serve(), serve()]
    with Api(doors[0].url, bootstrap(settings_for(ledger_database))) as admin:
        prices = {"version": "v1", "model": "model", "list": "sell", "currency": "USD", "reason": "test"}
        admin.accepted("/v1/prices", {**prices, "price": {"per_million": {"input": "3", "output": "15"}}})
        return doors, {tenant: open_tenant(admin, doors[1].url, tenant) for tenant in TENANTS}


def open_tenant(admin: Api, url: str, tenant: str) -> str:
    scopes = ["usage", "money", "workspaces", "read"]
    key = admin.accepted("/v1/keys", {"scopes": scopes, "source": "gateway"}, tenant=tenant)["secret"]
    with Api(url, key) as owner:
        owner.accepted("/v1/accounts", {"account_id": "main", "owner_kind": "org", "currency": "USD"})
        owner.accepted("/v1/accounts/main/purchases", {"amount": "1000.00", "payment_ref": "p"})
        for workspace in WORKSPACES:
            owner.accepted("/v1/workspaces", {"workspace_id": workspace, "account_id": "main"})
            owner.put(f"/v1/workspaces/{workspace}/billing-mode", {"mode": "platform_managed", "reason": "test"})
    return key


@contextmanager
def load(*clients: Client) -> Iterator[None]:
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.leave.set()
        for client in clients:
            client.join()
    assert [client.error for client in clients] == [None] * len(clients)


def in_progress(*clients: Client, items: int) -> Callable[[], bool]:
    return lambda: all(len(client.answered) >= items for client in clients)


def assert_each_once(one, replayed, acknowledged: set[str]) -> None:
    """Everything acknowledged is in the store and in the views, once."""
    eventually(lambda: one(BEHIND) == 0)
    assert one(ATTEMPTS) == len(acknowledged)
    assert one(REQUESTS) == len(acknowledged)
    assert one(CHARGED) == one(DEBITED) == len(acknowledged) * 6_000_000
    assert replayed()["agrees"]


def test_a_killed_serve_loses_nothing_that_was_acknowledged_and_doubles_nothing(
    gateway_keys, start, one, owner, replayed
):
    doors, keys = gateway_keys
    for job in ("relay", "projector"):
        start(job)
    urls = [door.url for door in doors]
    clients = [
        Client(order, key, WORKSPACES, "model", f"{tenant}-{n}")
        for tenant, key in keys.items()
        for n, order in enumerate((urls, urls[::-1]))
    ]
    with load(*clients):
        eventually(in_progress(*clients, items=50))
        doors[0].kill()
        doors[0].wait()
        eventually(lambda: any(client.sent_again for client in clients))
        before = {client: len(client.answered) for client in clients}
        eventually(lambda: all(len(client.answered) >= before[client] + 50 for client in clients))
    acknowledged = {id_ for client in clients for id_ in client.answered}
    assert {status for client in clients for status in client.statuses} <= {"accepted", "duplicate"}
    assert_each_once(one, replayed, acknowledged)


def test_what_both_doors_are_sent_at_once_is_recorded_once(gateway_keys, start, one, replayed):
    doors, keys = gateway_keys
    for job in ("relay", "projector"):
        start(job)
    # Twins send the very same items, each to a door of its own.
    twins = [[Client([door.url], key, WORKSPACES, "model", tenant) for door in doors] for tenant, key in keys.items()]
    with load(*(client for pair in twins for client in pair)):
        eventually(in_progress(*(client for pair in twins for client in pair), items=100))
    for one_twin, other in twins:
        both = one_twin.answered.keys() & other.answered.keys()
        assert len(both) >= 100
        assert all({one_twin.answered[id_], other.answered[id_]} == {"accepted", "duplicate"} for id_ in both)
    assert_each_once(one, replayed, {id_ for pair in twins for client in pair for id_ in client.answered})
