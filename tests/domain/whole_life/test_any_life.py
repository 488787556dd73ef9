"""Two accounts live through anything in any order: after every event the books hold, and only facts of the world count.

Beside the ledger stand a model that only adds up, and a second ledger that forgets everything between two commands and
lives by snapshots: it has to answer and to record the same.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.rehearsal import SECOND, Rehearsal
from domain.usage.items import attempt
from domain.usage.metered_ledger import price
from domain.whole_life.simple_books import SimpleBooks
from usage_ledger import snapshots
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance, WriteOffOverdraft
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.holds.commands import PlaceHold, ReleaseHold
from usage_ledger.accounts.lifecycle.commands import ResumeAccount
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.appender import Appender
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.handlers import HANDLERS
from usage_ledger.money import format_amount, parse_amount
from usage_ledger.submission import Outcome, Submission
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.corrections.commands import CorrectUsage
from usage_ledger.workspaces.commands import RegisterWorkspace

CENT = 10_000_000
TOKEN = 1_000
"""Nano-units of an input token of acme/small: 1 USD a million."""

MINUTE = 60 * SECOND
ACCOUNTS = ("paid", "billed")
which = st.sampled_from(ACCOUNTS)
cents = st.integers(1, 60)
few = st.integers(0, 5)
tokens = st.integers(0, 400_000)


class Forgetful(Rehearsal):
    """Decides every command with an appender that has never seen anything."""

    def append(self, *submissions: Submission) -> list[Outcome]:
        self._appender = Appender(self.store, self.clock, HANDLERS)
        return super().append(*submissions)


def comparable(outcome: Outcome) -> tuple[Outcome, dict[str, Any]]:
    """Without the id that the usage's event got, which is nobody's choice."""
    answer = msgspec.json.decode(outcome.answer)
    answer.pop("usage_event_id", None)
    return msgspec.structs.replace(outcome, answer=b""), answer


class AnyLife(RuleBasedStateMachine):
    """``charged`` is what each item comes to by now, ``cash`` what came in and did not go back; nano-units."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger, self.forgetful = Rehearsal(), Forgetful()
        self.books = {account_id: SimpleBooks() for account_id in ACCOUNTS}
        self.sent: list[tuple[Submission, Outcome]] = []
        self.charged: dict[str, dict[str, int]] = {account_id: {} for account_id in ACCOUNTS}
        self.cash = dict.fromkeys(ACCOUNTS, 0)
        self.payments: dict[str, list[str]] = {account_id: [] for account_id in ACCOUNTS}
        self.holds: list[str] = []
        self.disputed: dict[str, tuple[str, int]] = {}
        self.number = 0

    @initialize()
    def open(self) -> None:
        for command in (WireProxy(), price("acme/small", "small-1", {"input": "1"})):
            self.do(command, tenant="platform")
        self.do(OpenAccount("paid", "org", "USD", overdraft_limit="0.10"))
        self.do(OpenAccount("billed", "org", "USD", funding="invoiced", credit_limit="0.50"))
        for account_id in ACCOUNTS:
            self.do(RegisterWorkspace(f"ws-{account_id}", account_id=account_id))
            self.buy(account_id, 20)

    def do(self, command: msgspec.Struct, tenant: str = "t1") -> Outcome:
        submission = self.ledger.submission(command, tenant)
        (outcome,) = self.ledger.append(submission)
        (without_memory,) = self.forgetful.append(submission)
        assert comparable(without_memory) == comparable(outcome), "neither the cache nor a snapshot changes an answer"
        self.sent.append((submission, outcome))
        return outcome

    def accepted(self, command: msgspec.Struct) -> dict[str, Any] | None:
        """The answer, if it was new and is accepted."""
        outcome = self.do(command)
        return msgspec.json.decode(outcome.answer) if outcome.outcome == "accepted" else None

    def payment(self, account_id: str, pick: int) -> str:
        return self.payments[account_id][pick % len(self.payments[account_id])]

    def next(self) -> int:
        self.number += 1
        return self.number

    @rule(account_id=which, amount=cents)
    def buy(self, account_id: str, amount: int) -> None:
        payment = f"card/{self.next()}"
        assert self.accepted(RecordPurchase(account_id, format_amount(amount * CENT), payment))
        self.payments[account_id].append(payment)
        self.cash[account_id] += amount * CENT

    @rule(account_id=which, amount=cents, priority=few, minutes=st.none() | st.integers(1, 6))
    def grant(self, account_id: str, amount: int, priority: int, minutes: int | None) -> None:
        expires_at = None if minutes is None else self.ledger.now + minutes * MINUTE
        text = format_amount(amount * CENT)
        self.do(GrantCredits(account_id, text, "promo", "gift", priority=priority * 20, expires_at=expires_at))

    @rule(account_id=which, amount=cents, seconds=st.integers(300, 3_600))
    def hold(self, account_id: str, amount: int, seconds: int) -> None:
        hold = f"h{self.next()}"
        text = format_amount(amount * CENT)
        if self.accepted(PlaceHold(account_id, hold, f"ws-{account_id}", text, expires_in_s=seconds)):
            self.holds.append(hold)

    @precondition(lambda self: self.holds)
    @rule(pick=few)
    def release(self, pick: int) -> None:
        self.do(ReleaseHold(self.holds[-1 - pick % len(self.holds)]))

    @rule(account_id=which, counts=st.lists(tokens, min_size=1, max_size=3), hold=st.none() | few)
    def use(self, account_id: str, counts: list[int], hold: int | None) -> None:
        """It may name a hold: one that is open, one that is not, one of the other account."""
        named = {"hold_id": self.holds[-1 - hold % len(self.holds)]} if hold is not None and self.holds else {}
        items = {f"a{self.next()}": count for count in counts}
        fields = {"workspace_id": f"ws-{account_id}", "occurred_at": self.ledger.now, **named}
        attempts = [attempt(id=name, usage={"input_tokens": count}, **fields) for name, count in items.items()]
        answer = self.accepted(RecordUsage(tuple(attempts)))
        assert answer, "usage is never refused for lack of credit (U5)"
        for each in answer["items"]:
            self.charged[each["account_id"]][each["id"]] = items[each["id"]] * TOKEN

    @rule(account_id=which, pick=st.integers(0, 50), count=tokens, void=st.booleans())
    def correct(self, account_id: str, pick: int, count: int, void: bool) -> None:
        if not self.charged[account_id]:
            return
        item = sorted(self.charged[account_id])[pick % len(self.charged[account_id])]
        usage = {"void": True} if void else {"usage": {"input_tokens": count}}
        if self.accepted(msgspec.convert({"item": item, "source": "gw", "reason": "r", **usage}, CorrectUsage)):
            self.charged[account_id][item] = 0 if void else count * TOKEN

    @rule(account_id=which, amount=cents, capped=st.booleans(), suspends=st.booleans())
    def charge_fee(self, account_id: str, amount: int, capped: bool, suspends: bool) -> None:
        text = format_amount(amount * CENT)
        self.do(ChargeFee(account_id, "other", f"p{self.next()}", text, capped=capped, suspend_if_short=suspends))

    @rule(account_id=which, reason=st.sampled_from(["fee_unpaid", "dispute"]))
    def resume(self, account_id: str, reason: str) -> None:
        self.do(ResumeAccount(account_id, reason))

    @rule(account_id=which, amount=cents, payment=few)
    def refund(self, account_id: str, amount: int, payment: int) -> None:
        text = format_amount(amount * CENT // 2)
        if self.accepted(RefundPurchase(account_id, self.payment(account_id, payment), f"r{self.next()}", text, "r")):
            self.cash[account_id] -= amount * CENT // 2

    @rule(account_id=which, payment=few)
    def dispute(self, account_id: str, payment: int) -> None:
        name = f"d{self.next()}"
        answer = self.accepted(OpenDispute(account_id, name, self.payment(account_id, payment)))
        if answer is not None:
            amount = parse_amount(answer["amount"])
            self.disputed[name] = account_id, amount
            self.cash[account_id] -= amount

    @precondition(lambda self: self.disputed)
    @rule(pick=st.integers(0, 9), won=st.booleans())
    def close_dispute(self, pick: int, won: bool) -> None:
        name = sorted(self.disputed)[pick % len(self.disputed)]
        account_id, amount = self.disputed.pop(name)
        assert self.accepted(CloseDispute(name, "won" if won else "lost"))
        self.cash[account_id] += amount if won else 0

    @rule(account_id=which, amount=cents)
    def transfer(self, account_id: str, amount: int) -> None:
        other = ACCOUNTS[account_id == ACCOUNTS[0]]
        self.do(TransferCredits(f"t{self.next()}", other, format_amount(amount * CENT), account_id))

    @rule(account_id=which, amount=cents, down=st.booleans())
    def adjust(self, account_id: str, amount: int, down: bool) -> None:
        self.do(AdjustBalance(account_id, format_amount(-amount * CENT if down else amount * CENT), "test", "op"))

    @rule(account_id=which, amount=cents)
    def write_off(self, account_id: str, amount: int) -> None:
        self.do(WriteOffOverdraft(account_id, format_amount(amount * CENT), "test", "op"))

    @rule(minutes=st.integers(1, 12))
    def wait(self, minutes: int) -> None:
        for ledger in (self.ledger, self.forgetful):
            ledger.wait(minutes * MINUTE)

    @rule(pick=st.integers(0, 200))
    def deliver_again(self, pick: int) -> None:
        """In any order, however late: the first answer, and nothing is recorded (U1)."""
        submission, first = self.sent[pick % len(self.sent)]
        before = {stream: len(self.ledger.events(stream)) for stream in self.ledger.streams}
        (again,) = self.ledger.append(submission)
        assert again == msgspec.structs.replace(first, replayed=True)
        assert {stream: len(self.ledger.events(stream)) for stream in self.ledger.streams} == before
        self.forgetful.wait(SECOND)

    @invariant()
    def the_books_hold_after_every_event(self) -> None:
        for account_id, books in self.books.items():
            recorded = self.ledger.recorded(f"t1/account-{account_id}")
            for envelope, payload in recorded[books.account.version :]:
                books.take(payload, envelope.recorded_at)

    @invariant()
    def what_was_earned_and_paid_is_what_the_world_says(self) -> None:
        for account_id, books in self.books.items():
            assert -books.codes[4010] == sum(self.charged[account_id].values())
            open_disputes = sum(amount for owner, amount in self.disputed.values() if owner == account_id)
            assert (books.codes[1000] + books.codes[1010], -books.codes[1010]) == (self.cash[account_id], open_disputes)
        assert sum(books.codes[2950] for books in self.books.values()) == 0

    def teardown(self) -> None:
        """Replay is live, and a voided history never was."""
        for account_id, books in self.books.items():
            stream = f"t1/account-{account_id}"
            assert self.forgetful.events(stream) == self.ledger.events(stream)
            assert Account.restore(books.account.snapshot(), books.account.version) == books.account
            for item, charged in self.charged[account_id].items():
                if charged:
                    assert self.accepted(CorrectUsage(item=item, source="gw", reason="r", void=True))
                    self.charged[account_id][item] = 0
        self.the_books_hold_after_every_event()
        self.what_was_earned_and_paid_is_what_the_world_says()


@pytest.mark.rule("J6")
@pytest.mark.rule("J5")
@pytest.mark.rule("H8")
@pytest.mark.rule("C12")
@pytest.mark.rule("U1")
def test_any_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_EVERY", 3)
    run_state_machine_as_test(
        AnyLife,
        # What fails is shown as it was found: to shrink forty commands on two ledgers takes minutes.
        settings=settings(
            max_examples=50,
            stateful_step_count=40,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
