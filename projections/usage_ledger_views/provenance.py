"""Who caused an event, for whom, and by which command: the columns of rows that must be accounted for."""

from __future__ import annotations

from typing import Any
from uuid import UUID


def provenance(record: dict[str, Any]) -> dict[str, Any]:
    """``event_id``, ``actor_…``, ``on_behalf_of_…``, ``command_…``, ``correlation_id``; ids are opaque texts."""
    actor, behalf = record["actor"], record["on_behalf_of"]
    return {
        "event_id": str(UUID(bytes=record["event_id"])),
        "actor_kind": actor["kind"],
        "actor_id": actor["id"],
        "on_behalf_of_kind": behalf and behalf["kind"],
        "on_behalf_of_id": behalf and behalf["id"],
        "command_source": record["source"],
        "command_id": record["command_id"],
        "correlation_id": record["correlation_id"],
    }
