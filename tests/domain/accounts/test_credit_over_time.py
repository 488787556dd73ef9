"""Whatever comes in, is used, is held and expires: the books hold after every event, whenever somebody looks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from domain.accounts.conftest import STREAM
from domain.accounts.life import STEPS, Life, Step
from usage_ledger.accounts.account import Account


@pytest.mark.rule("J6")
@pytest.mark.rule("C7")
@given(STEPS)
@settings(max_examples=300)
def test_after_every_event_the_books_hold_and_expiry_took_only_what_was_free(steps: list[Step]) -> None:
    life = Life().live(steps)
    assert life.account.version == len(life.ledger.streams[STREAM])


@pytest.mark.rule("H8")
@given(STEPS)
def test_expiry_alone_never_takes_what_holds_were_admitted_for(steps: list[Step]) -> None:
    """Without usage beside holds, what is held was there when it was admitted, and stays there."""
    life = Life().live([step for step in steps if step[0] != "charge"])
    assert life.account.available >= 0


@pytest.mark.rule("C6")
@given(STEPS)
@settings(max_examples=200)
def test_noticed_at_its_time_or_late_it_comes_to_the_same(steps: list[Step]) -> None:
    punctual, late = Life(looks=True).live(steps), Life().live(steps)
    assert punctual.history() == late.history()
    assert [(lot.lot, lot.remaining) for lot in punctual.account.lots] == [
        (lot.lot, lot.remaining) for lot in late.account.lots
    ]


@given(STEPS)
def test_a_replay_and_a_snapshot_are_the_account(steps: list[Step]) -> None:
    life = Life().live(steps)
    replayed = Account()
    for payload, recorded_at in life.ledger.streams[STREAM]:
        replayed.apply(payload, recorded_at)
    assert replayed == life.account
    assert Account.restore(life.account.snapshot(), life.account.version) == life.account


@given(STEPS)
def test_nothing_is_due_once_everything_due_was_done(steps: list[Step]) -> None:
    life = Life().live(steps)
    assert life.account.next_due > life.ledger.now
