"""Who calls, for which tenant, and whether the key allows it. The tenant comes from the key (K3)."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request

from usage_ledger.entrypoints.http.door import Door
from usage_ledger.entrypoints.http.identifiers import valid_id
from usage_ledger.entrypoints.http.key_cache import KeyCache
from usage_ledger.entrypoints.http.problems import InvalidRequest, Problem
from usage_ledger.entrypoints.http.scopes import SCOPES, Action
from usage_ledger.entrypoints.http.service_key import KeyText, parse_key
from usage_ledger.keys.registered_key import RegisteredKey
from usage_ledger.keys.scopes import ALL_TENANTS, covers
from usage_ledger.keys.secret_hash import hash_of_secret
from usage_ledger.recorded_event import Actor

_SCHEME: Final = "bearer "
_REFUSALS: Final = {
    "key_revoked": "this key was revoked",
    "key_expired": "this key has expired, or was rotated and the secret of before is no longer valid",
}


class Caller(msgspec.Struct, frozen=True):
    """An authenticated key, acting for ``tenant``: its own, or the one that an admin names with ``X-Tenant``."""

    key: RegisteredKey
    tenant: str

    @property
    def source(self) -> str:
        return self.key.source

    @property
    def actor(self) -> Actor:
        return Actor("service_key", self.key.key_id)

    @property
    def is_admin(self) -> bool:
        return "admin" in self.key.scopes

    @property
    def is_gateway(self) -> bool:
        return self.key.tenants is not None

    def require(self, action: Action) -> None:
        """Raises Problem ``key_scope`` unless the key's scopes cover the command or read."""
        needed = SCOPES[action]
        if not covers(self.key.scopes, needed):
            raise key_scope(f"this needs a key with scope {needed}")

    def require_capability(self, capability: str) -> None:
        """Raises Problem ``key_scope`` unless credit may be held under the key for such calls (K1)."""
        if not self.key.may_call(capability):
            raise key_scope(f"this key is not for {capability}")

    def require_tenant(self, tenant: str) -> None:
        """For a gateway key: raises Problem ``key_scope`` unless the tenant is in its list."""
        tenants = self.key.tenants or ()
        if ALL_TENANTS not in tenants and tenant not in tenants:
            raise key_scope(f"this key may not name tenant {tenant}")

    def tenant_named(self, named: str | None) -> str:
        """Whose a call is that may name a tenant: a gateway key has to, any other one must not.

        Raises Problem ``key_scope``, InvalidRequest ``missing_field``.
        """
        if not self.is_gateway:
            if named is not None:
                raise key_scope("only a gateway key may name a tenant")
            return self.tenant
        if named is None:
            raise InvalidRequest("missing_field", "a gateway key names the tenant", "/tenant")
        self.require_tenant(named)
        return named

    def require_call(self, capability: str, model: str | None, bill_to: str | None) -> None:
        """Raises Problem ``key_scope`` unless credit may be held under the key for such a call (K1)."""
        if not self.key.may_call(capability):
            raise key_scope(f"this key is not for calls of capability {capability}")
        if not self.key.may_use(model):
            raise key_scope("this key is for calls of some models only: estimate one of them")
        self.require_bill_to(bill_to)

    def require_bill_to(self, account_id: str | None) -> None:
        """Raises Problem ``key_scope`` unless this account may be named to pay (K1)."""
        if not self.key.may_bill(account_id):
            raise key_scope("this key may not bill that account")

    @property
    def is_restricted(self) -> bool:
        """Whether the key speaks for one account or one workspace only."""
        return self.key.account_id is not None or self.key.workspace_id is not None

    def require_reach(self, account_id: str | None = None, workspace_id: str | None = None) -> None:
        """A key restricted to an account or a workspace speaks for nothing else, whatever its scopes."""
        if self.key.account_id not in (None, account_id):
            raise key_scope("this key is restricted to one account")
        if self.key.workspace_id not in (None, workspace_id):
            raise key_scope("this key is restricted to one workspace")

    def require_reach_of_call(self, payer: str | None, used_by: str | None, workspace_id: str | None) -> None:
        """A call that one account makes and another one pays for is both's to read (U15)."""
        self.require_reach(used_by if self.key.account_id == used_by else payer, workspace_id)


async def authenticate(request: Request, door: Door) -> Caller:
    """The caller. Raises Problem: ``key_missing``, ``key_invalid``, ``key_revoked``, ``key_expired``, ``key_scope``."""
    key = await _key_of(request, door)
    caller = Caller(key, key.tenant)
    named = request.headers.get("x-tenant")
    return caller if named is None else _for_tenant(caller, named)


def key_scope(detail: str) -> Problem:
    return Problem("key_scope", detail)


async def _key_of(request: Request, door: Door) -> RegisteredKey:
    authorization = request.headers.get("authorization")
    if authorization is None:
        raise _unauthorized("key_missing", "send Authorization: Bearer and a service key")
    text = authorization[len(_SCHEME) :].strip() if authorization.lower().startswith(_SCHEME) else ""
    parsed = parse_key(text)
    key = await _registered_key(parsed, door.keys) if parsed else None
    # One answer for every way in which a key can be wrong: which part was right is not told.
    if parsed is None or key is None:
        raise _unauthorized("key_invalid", "this is not a key of this ledger")
    refusal = key.refusal_at(door.clock.now(), hash_of_secret(parsed.secret))
    if refusal is not None:
        raise _unauthorized(refusal, _REFUSALS[refusal])
    return key


async def _registered_key(parsed: KeyText, keys: KeyCache) -> RegisteredKey | None:
    """The key that the secret belongs to. One that does not fit may be a new one, of a rotation at another door."""
    secret_hash = hash_of_secret(parsed.secret)
    key = await keys.find(parsed.key_id)
    if key is not None and not key.fits(secret_hash):
        key = await keys.find_anew(parsed.key_id)
    return key if key is not None and key.fits(secret_hash) else None


def _for_tenant(caller: Caller, tenant: str) -> Caller:
    if not caller.is_admin:
        raise key_scope("only a key with scope admin may act for another tenant")
    return Caller(caller.key, valid_id(tenant, "header X-Tenant"))


def _unauthorized(code: str, detail: str) -> Problem:
    return Problem(code, detail, headers={"WWW-Authenticate": 'Bearer realm="usage-ledger"'})
