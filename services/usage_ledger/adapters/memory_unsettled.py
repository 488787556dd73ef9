"""What is unsettled in a store in memory, for tests and scenarios: the same pages as from the index tables."""

from __future__ import annotations

from usage_ledger.adapters.avro_mapper import decode_payload
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.pricing.aliases import Aliases
from usage_ledger.pricing.events import ModelMapped
from usage_ledger.reacting.unsettled import Suspended, Wanted
from usage_ledger.reacting.workspace_index import Concerned, WorkspacePlace
from usage_ledger.reacting.workspace_rows import takes_effect_at
from usage_ledger.recorded_event import EventPayload
from usage_ledger.store import SuspendedRow, WorkspaceRow
from usage_ledger.streams import FACTS_SHARD, governance_stream


class UnsettledInMemory:
    """``Unsettled`` over the index rows of a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.index = _WorkspacesInMemory(store)

    def waiting(self, tenant: str, workspace_id: str, reason: str, after: bytes, limit: int) -> list[bytes]:
        wanted = tenant, workspace_id, reason
        rows = [row for row in self._store.quarantined.values() if row.disposition == "waiting" and row[2:] == wanted]
        return sorted(row.key for row in rows if row.key > after)[:limit]

    def suspended(self, wanted: Wanted, after: Suspended, limit: int) -> list[Suspended]:
        found = [
            Suspended(row.shard, row.tenant, row.account_id, row.key)
            for row in self._store.suspended.values()
            if _is_wanted(row, wanted)
        ]
        return sorted(line for line in found if line > after)[:limit]

    def names_of(self, model: str) -> set[str]:
        aliases = Aliases()
        for position in self._store.facts:
            mapped = decode_payload(self._store.placed[FACTS_SHARD][position - 1].stored.state)
            if isinstance(mapped, ModelMapped):
                aliases.apply(mapped, position)
        return aliases.names_of(model)

    def wait_for_decisions(self) -> None:
        """One lock serves the whole store: nothing is under way."""


class _WorkspacesInMemory:
    """``WorkspaceIndex`` over the index rows of a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def workspaces(self, concerned: Concerned, after: WorkspacePlace, limit: int) -> list[WorkspacePlace]:
        rows = [row for row in self._store.workspaces if _is_concerned(row, concerned)]
        places = [WorkspacePlace(row.shard, row.tenant, row.workspace_id) for row in rows]
        return sorted(place for place in places if place > after)[:limit]

    def announced_for(self, instant: int) -> list[EventPayload]:
        stream = self._store.by_stream.get(governance_stream(), [])
        facts = [decode_payload(event.stored.state) for event in stream]
        return [fact for fact in facts if takes_effect_at(fact, instant)]


def _is_concerned(row: WorkspaceRow, concerned: Concerned) -> bool:
    tenant, organization_id, workspace_id = concerned
    return (
        tenant in (None, row.tenant)
        and organization_id in (None, row.organization_id)
        and workspace_id in (None, row.workspace_id)
    )


def _is_wanted(row: SuspendedRow, wanted: Wanted) -> bool:
    return (
        (wanted.models is None or row.model in wanted.models)
        and wanted.currency in (None, row.currency)
        and (wanted.occurred_from is None or wanted.occurred_from <= row.occurred_at)
        and (wanted.occurred_to is None or row.occurred_at < wanted.occurred_to)
        and wanted.account in (None, (row.tenant, row.account_id))
    )
