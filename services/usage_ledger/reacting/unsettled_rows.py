"""``Unsettled`` over the index tables that the appenders write."""

from __future__ import annotations

from typing import Any

from psycopg import Connection, Cursor

from usage_ledger.adapters.avro_mapper import decode_payload
from usage_ledger.pricing.aliases import Aliases
from usage_ledger.pricing.events import ModelMapped
from usage_ledger.reacting.unsettled import Suspended, Wanted
from usage_ledger.reacting.workspace_rows import WorkspaceRows
from usage_ledger.streams import FACTS_SHARD
from usage_ledger_schemas.registry import SCHEMAS

_MAPPED_FINGERPRINTS = SCHEMAS.fingerprints_of(ModelMapped.__name__)

# Items that wait for their workspace, in the order of their keys.
_WAITING = """
    SELECT key FROM ledger.quarantined
     WHERE disposition = 'waiting' AND tenant = %b AND workspace_id = %b AND reason = %b AND key > %b
     ORDER BY key LIMIT %b
"""

# Lines that a fact might rate, account by account. Two queries, because only one of them can use the index by model.
_SUSPENDED = """
    SELECT shard, tenant, account_id, key FROM ledger.suspended
     WHERE {of_models}
       AND (%(currency)s::text IS NULL OR currency = %(currency)s)
       AND (%(from)s::bigint IS NULL OR occurred_at >= %(from)s)
       AND (%(to)s::bigint IS NULL OR occurred_at < %(to)s)
       AND (%(account_id)s::text IS NULL OR (tenant = %(tenant)s AND account_id = %(account_id)s))
       AND (shard, tenant, account_id, key) > (%(shard_after)s, %(tenant_after)s, %(account_after)s, %(key_after)s)
     ORDER BY shard, tenant, account_id, key LIMIT %(limit)s
"""
_OF_MODELS = _SUSPENDED.format(of_models="model = ANY(%(models)s::text[])")
_OF_ALL = _SUSPENDED.format(of_models="true")

# Mappings of models, after the last one that was seen.
_MAPPINGS = """
    SELECT event.position, event.fingerprint || event.body FROM ledger.facts AS fact
      JOIN ledger.events AS event ON event.shard = %b AND event.position = fact.position
     WHERE fact.position > %b AND event.fingerprint = ANY(%b::bytea[])
     ORDER BY event.position
"""

_SHARDS = "SELECT shard FROM ledger.shards ORDER BY shard"

# Waits for the lock of whoever is deciding, and lets go at once.
_WAIT_FOR_DECISION = "SELECT FROM ledger.shards WHERE shard = %b FOR SHARE"


class UnsettledRows:
    """Over one connection in autocommit mode. Every method raises psycopg.Error."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self.index = WorkspaceRows(connection)
        self._aliases = Aliases()
        self._mapped_position = 0

    def waiting(self, tenant: str, workspace_id: str, reason: str, after: bytes, limit: int) -> list[bytes]:
        rows = self._cursor().execute(_WAITING, (tenant, workspace_id, reason, after, limit))
        return [row[0] for row in rows]

    def suspended(self, wanted: Wanted, after: Suspended, limit: int) -> list[Suspended]:
        tenant, account_id = wanted.account or (None, None)
        values = {
            "models": sorted(wanted.models or ()),
            "currency": wanted.currency,
            "from": wanted.occurred_from,
            "to": wanted.occurred_to,
            "tenant": tenant,
            "account_id": account_id,
            "shard_after": after.shard,
            "tenant_after": after.tenant,
            "account_after": after.account_id,
            "key_after": after.key,
            "limit": limit,
        }
        query = _OF_ALL if wanted.models is None else _OF_MODELS
        return [Suspended(*row) for row in self._cursor().execute(query, values)]

    def names_of(self, model: str) -> set[str]:
        """By the mappings of this moment: each of them is a fact that is reacted to itself."""
        found = self._cursor().execute(_MAPPINGS, (FACTS_SHARD, self._mapped_position, _MAPPED_FINGERPRINTS))
        for position, state in found.fetchall():
            mapped = decode_payload(state)
            if isinstance(mapped, ModelMapped):
                self._aliases.apply(mapped, position)
            self._mapped_position = position
        return self._aliases.names_of(model)

    def wait_for_decisions(self) -> None:
        """A decision under way may not know the fact yet. When its shard's lock was free once, what it left is seen."""
        for (shard,) in self._cursor().execute(_SHARDS).fetchall():
            self._cursor().execute(_WAIT_FOR_DECISION, (shard,))

    def _cursor(self) -> Cursor[Any]:
        return self._connection.cursor(binary=True)
