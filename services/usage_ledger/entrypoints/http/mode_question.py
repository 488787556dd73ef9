"""What questions about one workspace's mode have in common: as of when, known until when, judged by which rules."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from usage_ledger.adapters.postgres.ledger_reader import Recorded, ShardStanding, shard_standing, standing_at
from usage_ledger.adapters.postgres.mode_facts import KnownUntil, known_facts_of, published_registry
from usage_ledger.entrypoints.http.as_of import AsOfAnswer, as_of
from usage_ledger.entrypoints.http.instants import parse_instant
from usage_ledger.entrypoints.http.positions import is_position, parse_position
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import Reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.governance.governance import registry_of
from usage_ledger.workspaces.known_facts import Answered, KnownFacts, Rules, answer_from
from usage_ledger.workspaces.resolver.policies import POLICIES, Policy

AS_OF: Final = Query("as_of", "a position of the tenant's shard, or an RFC 3339 time, which may lie in the future")
KNOWN_AT: Final = Query("known_at", "only what was known then: a position or a time; default: all that is known now")
POLICY: Final = Query("policy", f"judge by this policy instead: {', '.join(POLICIES)}")
REGISTRY: Final = Query("registry", "judge by the registry version of this label instead")
WAIT_FOR: Final = Query("wait_for", "a write's position; the facts always include it, so nothing waits")


class Asked(NamedTuple):
    """Facts known until then, judged at an instant (microseconds UTC)."""

    known: KnownUntil
    at: int


class ModeFound(NamedTuple):
    """The answer to a question, and what it was made from."""

    asked: Asked
    answered: Answered[Recorded]
    as_of: AsOfAnswer


async def find_mode(reading: Reading, connection: AsyncConnection[Any], workspace_id: str) -> ModeFound:
    """What the question's parameters ask for.

    Raises Problem: ``workspace_not_found``, ``unknown_policy``, ``registry_not_found``; InvalidRequest.
    """
    asked = await _asked(reading, connection)
    facts = await known_facts_of(connection, reading.shard, reading.tenant, workspace_id, asked.known, asked.at)
    answered = answer_from(facts, asked.at, rules_asked_for(reading, facts))
    if answered is None:
        raise Problem("workspace_not_found", f"workspace {workspace_id} is not registered")
    return ModeFound(asked, answered, as_of(reading.shard, asked.known.position, asked.at))


def rules_asked_for(reading: Reading, facts: KnownFacts[Recorded]) -> Rules:
    """Raises Problem: ``unknown_policy``, ``registry_not_found``."""
    rules = Rules()
    policy, label = reading.query(POLICY.name), reading.query(REGISTRY.name)
    if policy is not None:
        rules = Rules(policy=known_policy(policy))
    if label is None:
        return rules
    published = published_registry(facts.facts, label)
    if published is None:
        raise registry_not_found(label)
    return Rules(rules.policy, registry_of(published))


def known_policy(name: str) -> Policy:
    """Raises Problem ``unknown_policy``."""
    if name not in POLICIES:
        raise Problem("unknown_policy", f"the policies are {', '.join(POLICIES)}")
    return POLICIES[name]


def registry_not_found(label: str) -> Problem:
    return Problem("registry_not_found", f"no registry version {label} was published")


async def _asked(reading: Reading, connection: AsyncConnection[Any]) -> Asked:
    """Without ``known_at`` a position is known as far as itself, a time as far as anything is known.

    No command back-dates, so what became known after a time changes nothing of what held at it.
    """
    if (waited_for := reading.query("wait_for")) is not None:
        parse_position(waited_for, "wait_for", reading.shard)
    standing = await shard_standing(connection, reading.shard)
    now = ShardStanding(standing.position, max(reading.door.clock.now(), standing.recorded_at))
    asked, known_at = reading.query("as_of"), reading.query("known_at")
    then = now if asked is None else await _place(reading, connection, "as_of", asked, now.position)
    known = then if asked is not None and is_position(asked) else now
    if known_at is not None:
        known = await _place(reading, connection, "known_at", known_at, now.position)
    return Asked(KnownUntil(*known), then.recorded_at)


async def _place(
    reading: Reading, connection: AsyncConnection[Any], name: str, text: str, last_position: int
) -> ShardStanding:
    """A position with its time; a time, whose position is the last one there is."""
    if is_position(text):
        return await standing_at(connection, reading.shard, parse_position(text, name, reading.shard))
    return ShardStanding(last_position, parse_instant(text, name))
