"""Fills an empty ledger over HTTP with everything that the load refers to: keys, proxy, price, payers, workspaces."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, Final, NamedTuple, cast
from uuid import uuid4

from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.http_connection import HttpConnection
from usage_ledger.benchmarks.shapes import Place, Shape
from usage_ledger.benchmarks.usage_bodies import MODEL

CLIENTS: Final = 64
CURRENCY: Final = "USD"

PRICE: Final[Mapping[str, object]] = {
    "version": "bench-1",
    "model": MODEL,
    "list": "sell",
    "currency": CURRENCY,
    "price": {"per_million": {"input": "3", "output": "15"}},
    "reason": "benchmark",
}
GATEWAY_KEY: Final[Mapping[str, object]] = {"scopes": ["usage", "holds"], "source": "bench-gateway", "tenants": ["*"]}

Write = tuple[str, Mapping[str, object], str]
"""Path, body and tenant of a POST."""


class Keys(NamedTuple):
    """A gateway's, which speaks for every tenant, and the operator's."""

    gateway: str
    operator: str


def furnish(url: str, environment: Mapping[str, str], shape: Shape) -> Keys:
    """Opens the shape's accounts, each with bought credit, and registers its workspaces.

    ``environment`` leads the command line to the same ledger. Raises BenchmarkFailed.
    """
    operator = _admin_key(environment)
    return Keys(asyncio.run(_furnish(url, operator, shape)), operator)


def _admin_key(environment: Mapping[str, str]) -> str:
    command = [sys.executable, "-P", "-m", "usage_ledger", "keys", "bootstrap", "--json"]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchmarkFailed(f"the ledger gives no admin key: {done.stderr}")
    return cast("str", json.loads(done.stdout.splitlines()[-1])["secret"])


async def _furnish(url: str, admin_key: str, shape: Shape) -> str:
    headers = {"Authorization": f"Bearer {admin_key}"}
    clients = [await HttpConnection.open(url, headers) for _ in range(CLIENTS)]
    operator = clients[0]
    await _write(operator, "PUT", "/v1/deployment/proxy", {"wired": True})
    await _write(operator, "POST", "/v1/prices", PRICE)
    key = await _write(operator, "POST", "/v1/keys", GATEWAY_KEY)
    payers = {place.account: place for place in shape.places()}
    for writes in (map(_account, payers.values()), map(_purchase, payers.values()), map(_workspace, shape.places())):
        await _write_all(clients, writes)
    for client in clients:
        client.close()
    return cast("str", key["secret"])


def _account(place: Place) -> Write:
    account = {"account_id": place.account_id, "owner_kind": "org", "currency": CURRENCY}
    return "/v1/accounts", account, place.tenant


def _purchase(place: Place) -> Write:
    payment = {"amount": "1000000", "currency": CURRENCY, "payment_ref": f"bench-{place.account_id}"}
    return f"/v1/accounts/{place.account_id}/purchases", payment, place.tenant


def _workspace(place: Place) -> Write:
    return "/v1/workspaces", {"workspace_id": place.workspace_id, "account_id": place.account_id}, place.tenant


async def _write_all(clients: Iterable[HttpConnection], writes: Iterable[Write]) -> None:
    """Each client takes the next write when it has its answer, so the appender always has many to commit at once."""
    waiting = iter(writes)
    await _together(_work_off(client, waiting) for client in clients)


async def _work_off(client: HttpConnection, waiting: Iterable[Write]) -> None:
    for path, body, tenant in waiting:
        await _write(client, "POST", path, body, tenant)


async def _together(work: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*work)


async def _write(
    client: HttpConnection, method: str, path: str, body: Mapping[str, object], tenant: str | None = None
) -> dict[str, Any]:
    headers = {"Idempotency-Key": uuid4().hex, **({"X-Tenant": tenant} if tenant else {})}
    answer = await client.request(method, path, json.dumps(body).encode(), headers)
    if answer.status not in (200, 201):
        raise BenchmarkFailed(f"{method} {path}: HTTP {answer.status}: {answer.body[:500].decode(errors='replace')}")
    return cast("dict[str, Any]", json.loads(answer.body))
