"""Sets the scene: prices, accounts with credit, workspaces that they pay for. Each step is an ordinary API call."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from usage_ledger.entrypoints.demo.price_list import CURRENCY, LIST_PRICES, ListPrice
from usage_ledger.gateway.service import LedgerService
from usage_ledger.money import parse_amount

_CONNECTIONS: Final = 4


class Payer(NamedTuple):
    """An account and the credit that it begins with: decimal text, None = none."""

    account_id: str
    grant: str
    purchase: str | None = None


PAYERS: Final = (
    Payer("search-team", "5", purchase="25"),
    Payer("support-team", "10"),
    Payer("mobile-team", "10"),
    Payer("trial", "2"),
)
HOSTILE_PAYER: Final = Payer("sandbox", "1")
HOSTILE_WORKSPACE: Final = "ws-hostile"
LIMITED_PAYER: Final = Payer("pilot", "0.05")
LIMITED_WORKSPACE: Final = "ws-pilot"
TOP_UP: Final = "5.00"
_ASIDE: Final = (HOSTILE_PAYER, LIMITED_PAYER)
"""They pay for workspaces that the trace has nothing to do with."""

CREDITED_NANO: Final = parse_amount(TOP_UP) + sum(
    parse_amount(text) for payer in (*PAYERS, *_ASIDE) for text in (payer.grant, payer.purchase) if text
)
"""All credit that comes into the tenant."""


class Scene(NamedTuple):
    """Who plays. ``workspaces`` are the trace's; the first of them changes its mode half-way."""

    tenant: str
    workspaces: Sequence[str]

    @property
    def protagonist(self) -> str:
        """The workspace whose billing mode changes."""
        return self.workspaces[0]


def scene(tenant: str, workspaces: int) -> Scene:
    """Names only; nothing exists yet."""
    width = max(2, len(str(workspaces)))
    return Scene(tenant, [f"ws-{number:0{width}}" for number in range(1, workspaces + 1)])


def set_scene(admin: LedgerService, scene: Scene, *, is_shared: bool) -> None:
    """Makes everything that the trace's calls need. Raises RequestRefused, DependencyUnreachable.

    On a shared ledger the proxy and the general prices are left alone, as they decide what others pay: there the prices
    hold for the demo's accounts, and each workspace is told to be platform_managed.
    """
    if not is_shared:
        admin.write("PUT", "/v1/deployment/proxy", {"wired": True})
    for payer in (*PAYERS, *_ASIDE):
        _open_account(admin, payer)
    for body in _prices(scene.tenant, is_shared=is_shared):
        admin.write("POST", "/v1/prices", body)
    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        registering = [threads.submit(_register, admin, *workspace) for workspace in _workspaces(scene)]
    for registered in registering:
        registered.result()


def _open_account(admin: LedgerService, payer: Payer) -> None:
    path = f"/v1/accounts/{payer.account_id}"
    body = {"account_id": payer.account_id, "owner_kind": "org", "currency": CURRENCY}
    admin.write("POST", "/v1/accounts", body)
    admin.write("POST", f"{path}/grants", {"amount": payer.grant, "kind": "signup", "reason": "demo"})
    if payer.purchase is not None:
        purchase = {"amount": payer.purchase, "payment_ref": f"demo/{payer.account_id}"}
        admin.write("POST", f"{path}/purchases", purchase)


def _prices(tenant: str, *, is_shared: bool) -> Iterator[dict[str, object]]:
    for price in LIST_PRICES:
        if not is_shared:
            yield _price(price, "list-2026-10")
            continue
        for payer in (*PAYERS, *_ASIDE):
            yield {**_price(price, f"{tenant}-{payer.account_id}"), "account_id": payer.account_id}


def _price(price: ListPrice, version: str) -> dict[str, object]:
    return {
        "version": version,
        "model": price.model,
        "provider": price.provider,
        "list": "sell",
        "currency": CURRENCY,
        "price": {"per_million": price.per_million},
        # A little earlier than now, for a service whose clock is ahead of ours.
        "effective_from": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
        "reason": "the providers' list prices, for the demo",
    }


def _workspaces(scene: Scene) -> Iterator[tuple[str, Payer]]:
    for number, workspace in enumerate(scene.workspaces):
        yield workspace, PAYERS[number % len(PAYERS)]
    yield HOSTILE_WORKSPACE, HOSTILE_PAYER
    yield LIMITED_WORKSPACE, LIMITED_PAYER


def _register(admin: LedgerService, workspace: str, payer: Payer) -> None:
    body = {"workspace_id": workspace, "account_id": payer.account_id}
    registered = admin.write("POST", "/v1/workspaces", body)
    if registered["resolved_mode"] != "platform_managed":
        path = f"/v1/workspaces/{workspace}/billing-mode"
        admin.write("PUT", path, {"mode": "platform_managed", "reason": "the demo's charges are to be real"})
