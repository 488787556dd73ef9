"""The events of a workspace that its mode is derived from, without those that only tell of it.

Runs are decided for as long as a workspace lives, so its stream is not short. What is asked about it must not take
longer, and keep everybody else waiting, with every run.
"""

from __future__ import annotations

from typing import Final

from usage_ledger.adapters.postgres.ledger_reader import Connection, Recorded, recorded
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.events import (
    BillingModeResolved,
    CredentialWriteRejected,
    ProvisionDecided,
    ProvisionRefused,
)
from usage_ledger_schemas.registry import SCHEMAS

_DECIDED: Final = SCHEMAS.fingerprints_of(ProvisionDecided.__name__)

INFORMING: Final = [
    *_DECIDED,
    *SCHEMAS.fingerprints_of(ProvisionRefused.__name__, BillingModeResolved.__name__, CredentialWriteRejected.__name__),
]
"""Events of a workspace that no mode is derived from, and that there may be very many of, by their fingerprints."""

# What moves the mode; beside it the run that was decided last, and the last event of all, which tells the version.
_MOVING: Final = """
WITH last AS (
    SELECT max(stream_version) AS event, max(stream_version) FILTER (WHERE fingerprint = ANY (%(decided)s)) AS run
      FROM ledger.events
     WHERE shard = %(shard)s AND stream_id = %(stream)s AND position <= %(position)s AND recorded_at <= %(recorded_at)s)
SELECT e.shard, e.position, e.stream_id, e.stream_version, e.fingerprint || e.body
  FROM last JOIN ledger.events AS e ON e.stream_version <= last.event
 WHERE e.shard = %(shard)s AND e.stream_id = %(stream)s
   AND (e.fingerprint <> ALL (%(informing)s) OR e.stream_version IN (last.event, last.run))
 ORDER BY e.stream_version
"""

# Decisions in whose bytes the run's id stands: the one about it, and seldom another one.
_NAMING_RUN: Final = """
SELECT shard, position, stream_id, stream_version, fingerprint || body FROM ledger.events
 WHERE shard = %(shard)s AND stream_id = %(stream)s AND fingerprint = ANY (%(decided)s)
   AND position(%(run)s::bytea IN body) > 0
 ORDER BY stream_version
"""


async def moving_events(
    connection: Connection, shard: int, stream_id: str, position: int, recorded_at: int
) -> list[Recorded]:
    """Of one workspace up to a position and a time (microseconds UTC): versions have gaps, but the last is right.

    Raises MapperDeserialisationError.
    """
    values = {
        "shard": shard,
        "stream": stream_id,
        "position": position,
        "recorded_at": recorded_at,
        "informing": INFORMING,
        "decided": _DECIDED,
    }
    return [recorded(row) for row in await (await connection.execute(_MOVING, values)).fetchall()]


async def run_decided(
    connection: Connection, shard: int, tenant: str, workspace_id: str, run_id: str
) -> tuple[Recorded, ProvisionDecided]:
    """The decision of a run whose business key the workspace has: both were one append. Raises KeyError."""
    stream = workspace_stream(tenant, workspace_id)
    values = {"shard": shard, "stream": stream, "decided": _DECIDED, "run": run_id.encode()}
    for event in map(recorded, await (await connection.execute(_NAMING_RUN, values)).fetchall()):
        if isinstance(event.payload, ProvisionDecided) and event.payload.run_id == run_id:
            return event, event.payload
    raise KeyError(run_id)
