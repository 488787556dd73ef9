"""The facts of a shard after its checkpoint, and the checkpoint that only its holder moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import Connection

from appender.ledger import Ledger
from usage_ledger.closing.commands import CloseMonth
from usage_ledger.reacting import fact_tail
from usage_ledger.reacting.fact_tail import Fact, FactTail
from usage_ledger.reacting.reactions import REACTIONS
from usage_ledger.streams import shard_of
from usage_ledger.workspaces.commands import RegisterWorkspace

SHARD = shard_of("acme", 4)


@pytest.fixture
def tail(connect: Callable[[], Connection[Any]]) -> Iterator[FactTail]:
    with connect() as connection:
        yield FactTail(connection, REACTIONS)


def last_position(owner: Connection[Any], shard: int) -> int:
    return owner.execute("SELECT last_position FROM ledger.shards WHERE shard = %s", (shard,)).fetchone()[0]


def names(facts: list[Fact]) -> list[str]:
    return [type(fact.decoded()[1]).__name__ for fact in facts]


def test_a_shard_that_was_never_served_begins_at_its_first_event(tail: FactTail) -> None:
    assert tail.begin([0, SHARD]) == {0: 0, SHARD: 0}


def test_only_facts_are_read_and_everything_is_seen(ledger: Ledger, tail: FactTail, owner: Connection[Any]) -> None:
    ledger.send(ledger.usage("a1"))
    found = tail.read({SHARD: 0})[SHARD]
    assert names(found.facts) == ["WorkspaceRegistered"]
    assert found.seen == found.last_position == last_position(owner, SHARD)
    assert tail.read({SHARD: found.seen}) == {}


def test_a_shard_without_a_fact_says_how_far_was_looked(ledger: Ledger, tail: FactTail) -> None:
    before = tail.read({SHARD: 0})[SHARD].last_position
    ledger.send(ledger.usage("a1"))
    found = tail.read({SHARD: before})[SHARD]
    assert (found.facts, found.seen) == ([], before + 1)


def test_a_long_way_is_gone_in_steps(ledger: Ledger, tail: FactTail, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(6):
        ledger.send(RegisterWorkspace(f"w{n}"))
    monkeypatch.setattr(fact_tail, "SCAN_POSITIONS", 4)
    position, seen = 0, []
    while found := tail.read({SHARD: position}).get(SHARD):
        assert found.seen - position <= 4
        seen += [fact.decoded()[1].workspace_id for fact in found.facts]  # type: ignore[attr-defined]
        position = found.seen
    assert seen == ["ws", *(f"w{n}" for n in range(6))]


def test_several_shards_are_read_at_once(ledger: Ledger, tail: FactTail) -> None:
    found = tail.read({0: 0, SHARD: 0})
    assert names(found[0].facts) == ["PriceVersionPublished", "ProxyWired"]
    assert names(found[SHARD].facts) == ["WorkspaceRegistered"]


def test_a_checkpoint_moves_only_from_where_it_is_thought_to_be(tail: FactTail) -> None:
    tail.begin([0, 1])
    assert tail.advance([(0, 0, 5), (1, 0, 7)]) == {0, 1}
    assert tail.advance([(0, 0, 9), (1, 7, 8)]) == {1}
    assert tail.begin([0, 1]) == {0: 5, 1: 8}


def test_facts_nobody_reacts_to_are_passed_over(ledger: Ledger, tail: FactTail) -> None:
    before = tail.read({0: 0})[0].last_position
    ledger.send(CloseMonth("2021-03"), tenant="platform")
    assert tail.read({0: before})[0].facts == []
