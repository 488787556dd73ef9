"""One ``UsageRecorded`` in the making: lines, the prices and decisions that they share, and how large it has become."""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.events import Allocation, ChargeLine, PayerDecision, UsageRecorded
from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.accounts.limits.events import BudgetSpend
from usage_ledger.accounts.limits.spending import budgets_after
from usage_ledger.accounts.usage_details import Backfill
from usage_ledger.accounts.usage_entries import usage_entries
from usage_ledger.pricing.events import PriceBasis

MAX_DRAFT_BYTES: Final = 200_000
"""Of lines, prices and decisions. What is left below 256 KB is for the envelope, allocations and entries."""

_DECISION_BYTES: Final = 600
_PRICE_BYTES: Final = 600
_UNIT_PRICE_BYTES: Final = 32


class Holdable(Protocol):
    """An attempt, as far as the event cares that will hold its line."""

    @property
    def key(self) -> bytes: ...
    @property
    def content(self) -> bytes: ...
    @property
    def occurred_at(self) -> int: ...
    @property
    def line_bytes(self) -> int: ...


class UsageDraft:
    """Nothing is recorded before every item of the command was judged, so that an atomic command can still refuse."""

    __slots__ = (
        "_decision_indexes",
        "_price_indexes",
        "amounts",
        "charged_by_capability",
        "claims",
        "decisions",
        "latest",
        "lines",
        "prices",
        "room",
        "suspense",
    )

    def __init__(self, max_bytes: int) -> None:
        self.room = max_bytes
        self._decision_indexes: dict[PayerDecision, int] = {}
        self._price_indexes: dict[int, int] = {}
        self.prices: list[PriceBasis] = []
        self.decisions: list[PayerDecision] = []
        self.lines: list[ChargeLine] = []
        self.amounts: list[int] = []
        self.claims: list[tuple[bytes, bytes]] = []
        self.charged_by_capability: dict[str, int] = {}
        self.suspense = 0
        self.latest = 0

    def place_decision(self, decision: PayerDecision) -> int:
        """The index by which lines name the decision; equal ones are written once."""
        index = self._decision_indexes.setdefault(decision, len(self.decisions))
        if index == len(self.decisions):
            self.decisions.append(decision)
            self.room -= _decision_bytes(decision)
        return index

    def place_price(self, price: PriceBasis) -> int:
        """The index by which lines name the price; the price book hands out the same object for the same price."""
        index = self._price_indexes.setdefault(id(price), len(self.prices))
        if index == len(self.prices):
            self.prices.append(price)
            self.room -= _price_bytes(price)
        return index

    def add(self, attempt: Holdable, line: ChargeLine, suspense: int, capability: str) -> None:
        """Take the line of an attempt, which the event will hold."""
        self.lines.append(line)
        self.claims.append((attempt.key, attempt.content))
        charged = line.charged
        self.amounts.append(charged)
        if charged:
            self.charged_by_capability[capability] = self.charged_by_capability.get(capability, 0) + charged
        self.suspense += suspense
        if attempt.occurred_at > self.latest:
            self.latest = attempt.occurred_at
        self.room -= attempt.line_bytes

    def charged_to(self, account: Account, backfill: Backfill | None, now: int) -> UsageRecorded:
        """The event of the account's stream: allocated against the lots as they are now (C4, U6)."""
        charge = account.charge(self.amounts)
        entries = usage_entries(account, charge, self.charged_by_capability, self.suspense)
        budgets = budgets_after(account, self.decisions, self.lines, now)
        return self._event(account, charge.allocations, entries, charge.balance_after, backfill, budgets)

    def metered(self, backfill: Backfill | None) -> UsageRecorded:
        """The event of a metered stream: nobody is charged."""
        return self._event(None, (), (), None, backfill)

    def _event(
        self,
        account: Account | None,
        allocations: tuple[Allocation, ...],
        entries: tuple[JournalEntry, ...],
        balance_after: int | None,
        backfill: Backfill | None,
        budgets: tuple[BudgetSpend, ...] = (),
    ) -> UsageRecorded:
        return UsageRecorded(
            account_id=account.account_id if account else None,
            currency=account.currency if account else None,
            prices=tuple(self.prices),
            decisions=tuple(self.decisions),
            lines=tuple(self.lines),
            charged=sum(self.amounts),
            allocations=allocations,
            entries=entries,
            balance_after=balance_after,
            held_after=account.held if account else None,
            after_close=account.closed if account else False,
            backfill=backfill,
            budgets=budgets,
        )


def _price_bytes(price: PriceBasis) -> int:
    used = [prices for prices in (price.charge, price.cost) if prices is not None]
    size = _PRICE_BYTES + _UNIT_PRICE_BYTES * sum([len(prices.unit_prices) for prices in used])
    return size + sum([_bytes_of(prices.form) for prices in used]) + _bytes_of(price.detail)


def _decision_bytes(decision: PayerDecision) -> int:
    return _DECISION_BYTES + _bytes_of(decision.detail)


def _bytes_of(rare: msgspec.Struct | None) -> int:
    """With the names of its fields, which Avro does not write, so no less than Avro needs."""
    return 0 if rare is None else len(msgspec.msgpack.encode(rare))
