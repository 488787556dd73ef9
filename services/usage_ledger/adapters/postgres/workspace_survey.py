"""Every workspace of a tenant, or of the deployment, from the events themselves, in one snapshot and a page at a time.

Streams are found by ranges of the events' own index, so that no table has to be kept for it. Neither side ever holds
more than a page of workspaces, and what is known of some organizations.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, Final, LiteralString, NamedTuple

from eventsourcing.persistence import MapperDeserialisationError
from psycopg import Connection

from usage_ledger.adapters.avro_mapper import decode_payload
from usage_ledger.adapters.postgres.workspace_events import INFORMING
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.governance import Governance
from usage_ledger.streams import (
    FACTS_SHARD,
    deployment_stream,
    governance_stream,
    organization_stream,
    tenant_of,
    workspace_stream,
)
from usage_ledger.workspaces.mode_sources import ModeSources, organization_of
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.workspace import Workspace

_FETCHED_EVENTS: Final = 200
_PAGE_WORKSPACES: Final = 25
_ORGANIZATIONS: Final = 1_000
"""Remembered at a time; most tenants have one."""

# The tenants of a shard, each found by one look into the index: "0" follows "/" in the order of bytes.
_TENANTS: Final = """
WITH RECURSIVE tenants (tenant) AS (
    (SELECT split_part(stream_id, '/', 1) FROM ledger.events WHERE shard = %(shard)s ORDER BY stream_id LIMIT 1)
    UNION ALL
    SELECT (SELECT split_part(e.stream_id, '/', 1) FROM ledger.events AS e
             WHERE e.shard = %(shard)s AND e.stream_id > t.tenant || '0' ORDER BY e.stream_id LIMIT 1)
      FROM tenants AS t WHERE t.tenant IS NOT NULL)
"""

# The same for one tenant.
_TENANT: Final = """WITH tenants (tenant) AS (SELECT %(tenant)s::text COLLATE "C")"""

# The workspaces' events, stream by stream: "." follows "-" in the order of bytes.
_WORKSPACES: Final = """
SELECT e.stream_id, e.recorded_at, e.state
  FROM tenants AS t CROSS JOIN LATERAL (
       SELECT stream_id, recorded_at, fingerprint || body AS state FROM ledger.events
        WHERE shard = %(shard)s AND stream_id >= t.tenant || '/workspace-' AND stream_id < t.tenant || '/workspace.'
          AND fingerprint <> ALL (%(informing)s)
        ORDER BY stream_id, stream_version) AS e
 WHERE t.tenant IS NOT NULL
"""

# How many workspaces there are: each began once.
_COUNT: Final = """
SELECT coalesce(sum(e.workspaces), 0)
  FROM tenants AS t CROSS JOIN LATERAL (
       SELECT count(*) AS workspaces FROM ledger.events
        WHERE shard = %(shard)s AND stream_id >= t.tenant || '/workspace-' AND stream_id < t.tenant || '/workspace.'
          AND stream_version = 1) AS e
 WHERE t.tenant IS NOT NULL
"""

# Whole streams, each in order.
_STREAMS: Final = """
SELECT stream_id, recorded_at, fingerprint || body FROM ledger.events
 WHERE shard = %(shard)s AND stream_id = ANY (%(streams)s) ORDER BY stream_id, stream_version
"""

# Which of these streams there are.
_KNOWN: Final = """
SELECT stream_id FROM ledger.events
 WHERE shard = %(shard)s AND stream_id = ANY (%(streams)s) AND stream_version = 1
"""

# Where the shards stand in this snapshot.
_STANDINGS: Final = """
SELECT shard, last_position, last_recorded_at FROM ledger.shards WHERE shard = ANY (%(shards)s) ORDER BY shard
"""

# Ranges of the index in their order, whatever is guessed of how many rows they have.
_PLAN: Final = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off"


class Standing(NamedTuple):
    """Where a shard stands; ``recorded_at`` is microseconds UTC."""

    shard: int
    position: int
    recorded_at: int


class WorkspaceSurvey:
    """Needs a connection whose transaction sees one snapshot. ``tenant`` None is every tenant of these shards.

    ``unreadable`` counts the workspaces passed over so far because of an event that cannot be decoded.
    """

    def __init__(self, connection: Connection[Any], shards: Sequence[int], tenant: str | None) -> None:
        self._connection = connection
        self._shards = shards
        self._tenant = tenant
        self._organizations: OrderedDict[str, Organization | None] = OrderedDict()
        self.unreadable = 0
        connection.execute(_PLAN)
        self.deployment, self.governance = Deployment(), Governance()
        self._fold(FACTS_SHARD, {deployment_stream(): self.deployment, governance_stream(): self.governance})

    def standings(self) -> list[Standing]:
        rows = self._connection.execute(_STANDINGS, {"shards": list(self._shards)}).fetchall()
        return [Standing(*row) for row in rows]

    def count(self) -> int:
        """The workspaces there are."""
        return sum(self._one(_COUNT, shard) for shard in self._shards)

    def unknown(self, workspace_ids: Iterable[str]) -> list[str]:
        """Those of these workspaces of the tenant that there are not."""
        streams = {workspace_stream(self._tenant or "", each): each for each in workspace_ids}
        values = {"shard": self._shards[0], "streams": list(streams)}
        known = {row[0] for row in self._connection.execute(_KNOWN, values)}
        return [each for stream, each in streams.items() if stream not in known]

    def workspaces(self) -> Iterator[ModeSources]:
        """Each once, with the facts of its organization and of the deployment."""
        for shard in self._shards:
            found = self._streams(shard)
            while page := list(islice(found, _PAGE_WORKSPACES)):
                self._load_organizations(shard, {_organization_stream(*each) for each in page})
                for stream_id, workspace in page:
                    yield self._sources(stream_id, workspace)

    def _streams(self, shard: int) -> Iterator[tuple[str, Workspace]]:
        with self._connection.cursor(name="workspaces", binary=True) as cursor:
            cursor.itersize = _FETCHED_EVENTS
            rows = cursor.execute(self._query(_WORKSPACES), {**self._place(shard), "informing": INFORMING})
            for stream_id, events in groupby(rows, key=lambda row: str(row[0])):
                workspace = _folded(Workspace(), events)
                if workspace is None:
                    self.unreadable += 1
                else:
                    yield stream_id, workspace

    def _load_organizations(self, shard: int, stream_ids: set[str]) -> None:
        missing = sorted(stream_ids - self._organizations.keys())
        if missing:
            rows = self._connection.execute(_STREAMS, {"shard": shard, "streams": missing}, binary=True).fetchall()
            found = {stream_id: _folded(Organization(), each) for stream_id, each in groupby(rows, key=lambda r: r[0])}
            self._organizations |= {stream_id: found.get(stream_id, Organization()) for stream_id in missing}
        while len(self._organizations) > _ORGANIZATIONS + len(stream_ids):
            self._organizations.popitem(last=False)

    def _sources(self, stream_id: str, workspace: Workspace) -> ModeSources:
        tenant, organization = tenant_of(stream_id), self._organizations[_organization_stream(stream_id, workspace)]
        workspace_id = stream_id.removeprefix(workspace_stream(tenant, ""))
        return ModeSources(tenant, workspace_id, workspace, organization, self.deployment, self.governance)

    def _fold(self, shard: int, aggregates: dict[str, Any]) -> None:
        values = {"shard": shard, "streams": list(aggregates)}
        for stream_id, recorded_at, state in self._connection.execute(_STREAMS, values, binary=True):
            aggregates[stream_id].apply(decode_payload(bytes(state)), recorded_at)

    def _query(self, query: LiteralString) -> LiteralString:
        return (_TENANTS if self._tenant is None else _TENANT) + query

    def _place(self, shard: int) -> dict[str, Any]:
        return {"shard": shard, "tenant": self._tenant}

    def _one(self, query: LiteralString, shard: int) -> int:
        row = self._connection.execute(self._query(query), self._place(shard)).fetchone()
        return int(row[0]) if row else 0


def _organization_stream(stream_id: str, workspace: Workspace) -> str:
    tenant = tenant_of(stream_id)
    return organization_stream(tenant, organization_of(tenant, workspace))


def _folded(aggregate: Any, rows: Iterable[tuple[str, int, bytes]]) -> Any:
    """None is a stream that cannot be read."""
    try:
        for _, recorded_at, state in rows:
            aggregate.apply(decode_payload(bytes(state)), recorded_at)
    except MapperDeserialisationError:
        return None
    return aggregate
