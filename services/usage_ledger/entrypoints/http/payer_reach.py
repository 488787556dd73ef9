"""What a key restricted to an account may send usage for: workspaces that this account pays for now."""

from __future__ import annotations

from collections.abc import Sequence

from usage_ledger.adapters.postgres.ledger_reader import read_stream
from usage_ledger.entrypoints.http.authentication import Caller
from usage_ledger.entrypoints.http.door import Door
from usage_ledger.entrypoints.http.usage_request import TenantPart
from usage_ledger.streams import payer_stream, shard_of
from usage_ledger.workspaces.payer import Payer


async def require_payer(door: Door, caller: Caller, parts: Sequence[TenantPart]) -> None:
    """Raises Problem ``key_scope`` for a workspace that another account pays for, or that nobody does."""
    workspaces = {(part.tenant, item.workspace_id) for part in parts for item in part.items}
    for tenant, workspace_id in sorted(workspaces):
        await require_payer_of(door, caller, tenant, workspace_id)


async def require_payer_of(door: Door, caller: Caller, tenant: str, workspace_id: str) -> None:
    """The same of one workspace."""
    caller.require_reach(await _payer(door, tenant, workspace_id), workspace_id)


async def _payer(door: Door, tenant: str, workspace_id: str) -> str | None:
    payer = Payer()
    async with door.reads.connection() as connection:
        events = await read_stream(connection, shard_of(tenant, door.shards), payer_stream(tenant, workspace_id))
    for event in events:
        payer.apply(event.payload, event.envelope.recorded_at)
    return payer.account.latest
