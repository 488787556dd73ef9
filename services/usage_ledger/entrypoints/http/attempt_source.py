"""Whose attempt is meant by an id alone: the source that was named, or the only one that has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from usage_ledger.adapters.postgres.ledger_reader import find_named_sources
from usage_ledger.entrypoints.http.door import Door
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.usage.attempt_digests import attempt_key, id_digest

SOURCE_QUERY: Final = Query("source", "whose attempt it is, where several sources have one of this id")


async def keys_of(door: Door, tenant: str, attempt_id: str, named: str | None) -> Mapping[bytes, str]:
    """Attempt keys with their sources: the named one's; else of all that may have sent an attempt of this id."""
    sources = [named] if named is not None else await _sources(door, tenant, attempt_id)
    return {attempt_key(tenant, source, attempt_id): source for source in sources}


async def _sources(door: Door, tenant: str, attempt_id: str) -> list[str]:
    """Those of the tenant's keys, gateways included; of topics that speak for it; those that such items named."""
    of_keys = await door.register.sources_of(tenant)
    of_topics = [topic.source for topic in door.topics if topic.speaks_for(tenant)]
    async with door.reads.connection() as connection:
        of_items = await find_named_sources(connection, id_digest(tenant, attempt_id))
    return [*of_keys, *of_topics, *of_items]


def only_one(keys: Iterable[bytes], sources: Mapping[bytes, str]) -> bytes:
    """The key. Raises Problem: ``attempt_not_found``; ``ambiguous_usage_id``, with their sources, for several."""
    found = sorted(keys, key=sources.__getitem__)
    if not found:
        raise attempt_not_found()
    if len(found) > 1:
        names = [sources[key] for key in found]
        raise Problem("ambiguous_usage_id", "several sources have this id: say which", members={"sources": names})
    return found[0]


def attempt_not_found() -> Problem:
    return Problem("attempt_not_found", "no attempt of this id was taken")
