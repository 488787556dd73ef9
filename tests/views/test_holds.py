"""Holds: what is reserved, captured, beyond it and free again, one by one and all together (H4-H7)."""

from __future__ import annotations

from typing import Any

import pytest

from usage_ledger_views.account_balances.history import Point, read_balance_as_of
from usage_ledger_views.holds.queries import HoldFilter, list_holds, read_hold, read_hold_totals
from usage_ledger_views.reading.page import InvalidCursor
from views.recorded import ACCOUNT, NOW, Shard, attributed, decision

SECOND = 1_000_000


class Holds:
    """Records what happens to holds, and brings the view up to date, in one batch or event by event."""

    def __init__(self, shard: Shard, writer: Any, *, together: bool) -> None:
        self.shard = shard
        self._writer = writer
        self._together = together
        shard.open_account()

    def place(self, hold_id: str, amount: int = 100, account_id: str = "main", **fields: Any) -> None:
        usual = {"expires_at": NOW + 600 * SECOND, "estimate": None, "decision": decision()}
        self._record("HoldPlaced", hold_id, account_id, amount=amount, **{**usual, **fields})

    def settle(self, hold_id: str, held: int, captured: int, *, final: bool = True) -> None:
        overage = max(0, captured - held)
        released = held - captured + overage if final else 0
        parts = {"held": held, "captured": captured, "overage": overage, "released": released, "final": final}
        self._record("HoldSettled", hold_id, "main", **parts)

    def release(self, hold_id: str, amount: int, **fields: Any) -> None:
        self._record("HoldReleased", hold_id, "main", amount=amount, reason=None, **fields)

    def expire(self, hold_id: str, amount: int) -> None:
        self._record("HoldExpired", hold_id, "main", amount=amount)

    def project(self) -> None:
        records = self.shard.on_topic()
        for batch in [records] if self._together else [[record] for record in records]:
            self._writer.write(batch)

    def _record(self, name: str, hold_id: str, account_id: str, **fields: Any) -> None:
        usual = {"currency": "USD", "balance_after": 1_000, "held_after": 0}
        stream = ACCOUNT.replace("main", account_id)
        self.shard.record(stream, name, account_id=account_id, hold_id=hold_id, **{**usual, **fields})


@pytest.fixture(params=[True, False], ids=["in one batch", "event by event"])
def holds(request, shard, writer) -> Holds:
    return Holds(shard, writer, together=request.param)


@pytest.fixture
def listed(ask, holds):
    def look(limit=None, after=None, **chosen):
        holds.project()
        filtered = HoldFilter(**chosen)
        return ask(lambda connection: list_holds(connection, 0, "acme", chosen=filtered, limit=limit, after=after))

    return look


@pytest.fixture
def totals(ask, holds):
    def look(account_id=None):
        holds.project()
        return ask(lambda connection: read_hold_totals(connection, "acme", account_id))

    return look


def names(page):
    return [hold.hold_id for hold in page.items]


def figures(hold):
    return hold.state, hold.held, hold.captured, hold.overage, hold.released


@pytest.mark.rule("H4")
def test_a_hold_is_listed_with_what_it_reserves_for_whom_and_until_when(holds, listed):
    estimate = {"model": "m", "provider": None, "buckets": [], "outcome": "charged", "price_version": "v1"}
    holds.place("h1", 70, estimate=estimate, decision=attributed(user="ann"))
    (hold,) = listed().items
    assert figures(hold) == ("open", 70, 0, 0, 0)
    assert (hold.account_id, hold.workspace_id, hold.currency, hold.amount) == ("main", "ws", "USD", 70)
    assert (hold.model, hold.price_version, hold.mode, hold.user_id) == ("m", "v1", "platform_managed", "ann")
    assert (hold.placed_at, hold.expires_at, hold.closed_at) == (NOW + 2 * SECOND, NOW + 600 * SECOND, None)


@pytest.mark.rule("H5")
@pytest.mark.parametrize(
    ("captured", "expected"),
    [(60, ("settled", 0, 60, 0, 40)), (100, ("settled", 0, 100, 0, 0)), (130, ("settled", 0, 130, 30, 0))],
)
def test_a_settled_hold_tells_what_was_captured_beyond_it_and_free_again(holds, listed, captured, expected):
    holds.place("h1")
    holds.settle("h1", 100, captured)
    (hold,) = listed().items
    assert figures(hold) == expected
    assert hold.closed_at == NOW + 3 * SECOND


@pytest.mark.rule("H5")
def test_a_settlement_that_is_not_final_leaves_the_rest_reserved(holds, listed):
    holds.place("h1")
    holds.settle("h1", 100, 30, final=False)
    assert figures(listed().items[0]) == ("open", 70, 30, 0, 0)


@pytest.mark.rule("H5")
def test_several_settlements_add_up_and_the_last_closes_the_hold(holds, listed):
    holds.place("h1")
    holds.settle("h1", 100, 30, final=False)
    holds.settle("h1", 70, 90)
    assert figures(listed().items[0]) == ("settled", 0, 120, 20, 0)


@pytest.mark.rule("H6")
def test_a_released_hold_frees_everything(holds, listed):
    holds.place("h1")
    holds.release("h1", 100)
    assert figures(listed().items[0]) == ("released", 0, 0, 0, 100)


@pytest.mark.rule("H7")
def test_an_expired_hold_frees_what_was_left(holds, listed):
    holds.place("h1")
    holds.settle("h1", 100, 30, final=False)
    holds.expire("h1", 70)
    assert figures(listed().items[0]) == ("expired", 0, 30, 0, 70)


def test_totals_are_of_an_account_or_of_all(holds, totals):
    holds.shard.open_account("other")
    holds.place("h1")
    holds.place("h2", 50)
    holds.settle("h1", 100, 130)
    holds.place("h3", 7, "other")
    (whole,) = totals()
    assert (whole.currency, whole.placed, whole.open, whole.held) == ("USD", 3, 2, 57)
    assert (whole.captured, whole.overage, whole.released) == (130, 30, 0)
    (other,) = totals("other")
    assert (other.placed, other.open, other.held, other.overage) == (1, 1, 7, 0)


def test_an_account_a_workspace_and_a_state_narrow_the_list(holds, listed):
    holds.shard.open_account("other")
    holds.place("h1", decision=decision(workspace_id="else"))
    holds.place("h2")
    holds.release("h2", 100)
    holds.place("h3", account_id="other")
    assert names(listed(account_id="main")) == ["h2", "h1"]
    assert names(listed(workspace_id="else")) == ["h1"]
    assert names(listed(state="open")) == ["h3", "h1"]
    assert names(listed(state="open", account_id="main")) == ["h1"]
    assert names(listed(state="open", account_id="main", workspace_id="ws")) == []


def test_pages_miss_nothing(holds, listed):
    for number in range(3):
        holds.place(f"h{number}")
    first = listed(limit=2, state="open", account_id="main")
    second = listed(limit=2, state="open", account_id="main", after=first.next)
    assert (names(first), names(second), second.next) == (["h2", "h1"], ["h0"], None)
    with pytest.raises(InvalidCursor):
        listed(after="bm9uZQ")


def test_one_hold_is_found_by_its_id_and_an_unknown_one_is_not(holds, ask):
    holds.place("h1")
    holds.project()
    found = ask(lambda connection: read_hold(connection, 0, "acme", "h1"))
    assert (found.hold.hold_id, found.incomplete) == ("h1", False)
    assert ask(lambda connection: read_hold(connection, 0, "acme", "ghost")) is None
    assert ask(lambda connection: read_hold(connection, 0, "other", "h1")) is None


def test_a_settlement_of_a_hold_that_was_never_placed_blocks_its_stream(holds, listed):
    holds.settle("ghost", 100, 30)
    assert listed().incomplete


def test_what_an_account_held_is_known_at_every_point(holds, ask):
    holds.shard.purchase(1_000, balance_after=1_000)
    holds.place("h1", held_after=100)
    holds.place("h2", 50, held_after=150)
    holds.release("h1", 100, held_after=50)
    holds.project()
    points = [Point(position=position) for position in range(2, 6)]
    balances = [ask(lambda connection, at=at: read_balance_as_of(connection, 0, "acme", "main", at)) for at in points]
    assert [balance.account.held for balance in balances] == [0, 100, 150, 50]
    assert [balance.account.available for balance in balances] == [1_000, 900, 850, 950]
    assert [balance.as_of.position for balance in balances] == ["0-2", "0-3", "0-4", "0-5"]
    in_time = ask(
        lambda connection: read_balance_as_of(connection, 0, "acme", "main", Point(recorded_at=NOW + 4 * SECOND))
    )
    assert (in_time.account.held, in_time.as_of.position) == (150, "0-4")
