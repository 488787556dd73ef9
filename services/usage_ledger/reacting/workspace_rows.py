"""``WorkspaceIndex`` over the index table that the appenders write, and the governance stream."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection, Cursor

from usage_ledger.adapters.avro_mapper import decode_payload
from usage_ledger.governance.events import PolicyActivated, RegistryPublished
from usage_ledger.reacting.workspace_index import Concerned, WorkspacePlace
from usage_ledger.recorded_event import EventPayload
from usage_ledger.streams import FACTS_SHARD, governance_stream
from usage_ledger_schemas.registry import SCHEMAS

_FINGERPRINTS = SCHEMAS.fingerprints_of(PolicyActivated.__name__, RegistryPublished.__name__)

# A page of all workspaces, by the primary key.
_OF_ALL = """
    SELECT shard, tenant, workspace_id FROM ledger.workspaces
     WHERE (shard, tenant, workspace_id) > (%(shard)s, %(tenant_after)s, %(workspace_after)s)
     ORDER BY shard, tenant, workspace_id LIMIT %(limit)s
"""

# A page of one organization, which is in one shard.
_OF_ORGANIZATION = """
    SELECT shard, tenant, workspace_id FROM ledger.workspaces
     WHERE tenant = %(tenant)s AND organization_id = %(organization_id)s AND workspace_id > %(workspace_after)s
     ORDER BY tenant, organization_id, workspace_id LIMIT %(limit)s
"""

# One workspace, on the first page.
_OF_ONE = """
    SELECT shard, tenant, workspace_id FROM ledger.workspaces
     WHERE tenant = %(tenant)s AND workspace_id = %(workspace_id)s
       AND (shard, tenant, workspace_id) > (%(shard)s, %(tenant_after)s, %(workspace_after)s) LIMIT %(limit)s
"""

# What was published and activated.
_GOVERNANCE = """
    SELECT fingerprint || body FROM ledger.events
     WHERE shard = %b AND stream_id = %b AND fingerprint = ANY(%b::bytea[]) ORDER BY stream_version
"""


class WorkspaceRows:
    """Over one connection in autocommit mode. Every method raises psycopg.Error."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def workspaces(self, concerned: Concerned, after: WorkspacePlace, limit: int) -> list[WorkspacePlace]:
        values = {
            **concerned._asdict(),
            "shard": after.shard,
            "tenant_after": after.tenant,
            "workspace_after": after.workspace_id,
            "limit": limit,
        }
        return [WorkspacePlace(*row) for row in self._cursor().execute(_query(concerned), values)]

    def announced_for(self, instant: int) -> list[EventPayload]:
        rows = self._cursor().execute(_GOVERNANCE, (FACTS_SHARD, governance_stream(), _FINGERPRINTS))
        return [fact for (state,) in rows if takes_effect_at(fact := decode_payload(state), instant)]

    def _cursor(self) -> Cursor[Any]:
        return self._connection.cursor(binary=True)


def takes_effect_at(fact: EventPayload, instant: int) -> bool:
    return isinstance(fact, PolicyActivated | RegistryPublished) and fact.effective_from == instant


def _query(concerned: Concerned) -> LiteralString:
    if concerned.workspace_id is not None:
        return _OF_ONE
    return _OF_ALL if concerned.organization_id is None else _OF_ORGANIZATION
