"""Who speaks to the service: the platform's admin, who acts for the demo's tenant, and a gateway."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from usage_ledger.entrypoints.demo.place import Place, issue_admin_key, key_expiry
from usage_ledger.gateway.service import LedgerService


@dataclass(frozen=True, slots=True)
class Players:
    """Their connections, and how views are read beside the service."""

    admin: LedgerService
    gateway: LedgerService
    reader_dsn: str


@contextmanager
def players_at(place: Place, tenant: str) -> Generator[Players]:
    """Issues their keys; at the end of the block the keys are revoked. Raises RequestRefused, DependencyUnreachable."""
    admin_id, admin_key = issue_admin_key(place)
    with LedgerService(place.url, admin_key) as platform:
        gateway = platform.write("POST", "/v1/keys", _gateway_key(tenant))
        try:
            with (
                LedgerService(place.url, admin_key, tenant=tenant) as admin,
                LedgerService(place.url, gateway["secret"]) as sender,
            ):
                yield Players(admin, sender, place.reader_dsn)
        finally:
            for key_id in (gateway["key_id"], admin_id):
                platform.write("POST", f"/v1/keys/{key_id}/revoke", {"reason": "the demo is over"})


def _gateway_key(tenant: str) -> dict[str, object]:
    return {"scopes": ["usage", "holds"], "source": "demo-gateway", "tenants": [tenant], "expires_at": key_expiry()}
