"""The register of service keys, as the doors read it. The appender writes it, in the transaction of a key's events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from psycopg import Connection
from psycopg.rows import TupleRow

from usage_ledger.adapters.postgres.read_pool import ReadPool
from usage_ledger.keys.registered_key import RegisteredKey
from usage_ledger.keys.scopes import ALL_TENANTS
from usage_ledger.submission import Breaker


class KeyRegister(Protocol):
    """Raises what the driver raises when the register cannot be asked."""

    async def find(self, key_id: str) -> RegisteredKey | None: ...

    async def sources_of(self, tenant: str) -> Sequence[str]:
        """Every source that a key may have given to usage of the tenant, in order, gateways and admins included."""
        ...


# One key by its id, revoked ones too: they are answered differently from those that never were.
_FIND: Final = """
SELECT key_id, tenant, secret_hash, scopes, source, account_id, workspace_id, tenants, expires_at, revoked_at,
       capabilities, old_secret_hash, old_valid_until, models, bill_to, circuit
  FROM ledger.service_keys WHERE key_id = %b
"""

# Revoked keys count: what they sent is still there to be asked for. An admin may have sent it for the tenant.
_SOURCES: Final = """
SELECT DISTINCT source FROM ledger.service_keys
 WHERE tenant = %b OR tenants && %b OR 'admin' = ANY (scopes) ORDER BY source
"""

# Whether there ever was an admin.
_ADMIN_EXISTS: Final = "SELECT EXISTS (SELECT FROM ledger.service_keys WHERE 'admin' = ANY (scopes))"

# Whose key it is.
_TENANT: Final = "SELECT tenant FROM ledger.service_keys WHERE key_id = %b"


class PostgresKeyRegister:
    """``KeyRegister`` on the reader's pool."""

    def __init__(self, pool: ReadPool) -> None:
        self._pool = pool

    async def find(self, key_id: str) -> RegisteredKey | None:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_FIND, (key_id,))).fetchone()
        return None if row is None else _registered(row)

    async def sources_of(self, tenant: str) -> Sequence[str]:
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_SOURCES, (tenant, [tenant, ALL_TENANTS]))).fetchall()
        return [row[0] for row in rows]


def admin_exists(connection: Connection[Any]) -> bool:
    """Whether an admin key was ever issued, revoked ones included."""
    row = connection.execute(_ADMIN_EXISTS).fetchone()
    return row is not None and bool(row[0])


def find_key(connection: Connection[Any], key_id: str) -> RegisteredKey | None:
    """The same as ``find``, for who has a connection and no event loop."""
    row = connection.cursor(binary=True).execute(_FIND, (key_id,)).fetchone()
    return None if row is None else _registered(row)


def tenant_of_key(connection: Connection[Any], key_id: str) -> str | None:
    row = connection.execute(_TENANT, (key_id,)).fetchone()
    return None if row is None else str(row[0])


def _registered(row: TupleRow) -> RegisteredKey:
    key_id, tenant, secret_hash, scopes, source, account_id, workspace_id, tenants, expires_at, revoked_at, *later = row
    capabilities, old_secret_hash, old_valid_until, models, bill_to, circuit = later
    return RegisteredKey(
        key_id=key_id,
        tenant=tenant,
        secret_hash=bytes(secret_hash),
        scopes=frozenset[str](scopes),
        source=source,
        account_id=account_id,
        workspace_id=workspace_id,
        tenants=None if tenants is None else frozenset[Any](tenants),
        expires_at=expires_at,
        revoked_at=revoked_at,
        capabilities=None if capabilities is None else frozenset[Any](capabilities),
        old_secret_hash=None if old_secret_hash is None else bytes(old_secret_hash),
        old_valid_until=old_valid_until,
        models=None if models is None else frozenset[Any](models),
        bill_to=None if bill_to is None else frozenset[Any](bill_to),
        breaker=None if circuit is None else Breaker(key_id, *circuit),
    )
