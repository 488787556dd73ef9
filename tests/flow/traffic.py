"""Usage that is recorded in the store, and whether every item of it is in the views, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from publishing.stored import store
from views.recorded import Shard, item, line

REQUESTS = "SELECT coalesce(sum(requests), 0)::int FROM views.usage_summary"
APPLIED = "SELECT sum(position)::int FROM views.progress"
BLOCKED = "SELECT count(*) FROM views.blocked_streams"


class Traffic:
    """Usage of three accounts in each of two shards, appended to the store as fast as it goes."""

    def __init__(self, owner) -> None:
        self.owner = owner
        self.shards = [Shard(0, "acme"), Shard(1, "beta")]
        self.accounts = [(shard, f"{shard.tenant}-{n}") for shard in self.shards for n in range(3)]
        self.items = 0
        self._owed = Counter[str]()
        for shard, account in self.accounts:
            shard.open_account(account)
        for shard in self.shards:
            store(owner, shard.events)

    def add(self, requests: int) -> None:
        for _ in range(requests):
            for shard in self.shards:
                done = len(shard.events)
                for each, account in self.accounts:
                    if each is shard:
                        self._usage(shard, account)
                store(self.owner, shard.events[done:])

    def _usage(self, shard: Shard, account: str) -> None:
        self.items += 2
        self._owed[account] += 2
        left = -self._owed[account]
        shard.usage([item(1), item(1)], account_id=account, debits=[line(1300, "debit", 2)], balance_after=left)

    @property
    def events(self) -> int:
        return sum(len(shard.events) for shard in self.shards)


def all_there(one: Callable, traffic: Traffic) -> Callable[[], bool]:
    return lambda: one(APPLIED) == traffic.events


def assert_exact(one: Callable, traffic: Traffic) -> None:
    """Every item is in the views once: balances, debts, statements and totals agree with what was recorded."""
    assert one(BLOCKED) == 0
    assert one(REQUESTS) == traffic.items
    assert one("SELECT sum(overdraft)::int FROM views.account_balances") == traffic.items
    assert one("SELECT sum(posted)::int FROM views.account_balances") == -traffic.items
    assert one("SELECT -sum(effect)::int FROM views.account_entries") == traffic.items
