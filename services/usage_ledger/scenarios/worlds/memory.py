"""A ledger in memory: the same appender, deciding functions, bytes and view folds, without a server."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.lifecycle.standing import status_of
from usage_ledger.adapters.memory_due_accounts import DueAccountsInMemory
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.adapters.memory_unsettled import UnsettledInMemory
from usage_ledger.keys.registered_key import RegisteredKey
from usage_ledger.refusals import InvalidInput
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.scenarios.virtual_clock import VirtualClock
from usage_ledger.scenarios.worlds.rehearsed_ledger import Processes, RehearsedLedger
from usage_ledger.scenarios.worlds.world import (
    AccountRef,
    BilledAs,
    CodeBalance,
    CodeTotal,
    Figures,
    MemberUsage,
    Movement,
    Movements,
    Suspended,
    UsageTotal,
)
from usage_ledger.streams import account_stream
from usage_ledger.submission import Outcome, Submission
from usage_ledger_schemas import codec
from usage_ledger_views.account_entries.apply import EntryRow
from usage_ledger_views.code_balances.apply import CREDITS, DEBITS, CodeChanges
from usage_ledger_views.event import Event
from usage_ledger_views.projecting.folding import fold
from usage_ledger_views.reading.page import clamp
from usage_ledger_views.suspense.apply import SuspenseChanges
from usage_ledger_views.usage_summary.apply import CHARGED, REQUESTS, UsageChanges, UsageKey
from usage_ledger_views.views import VIEWS
from usage_ledger_views.workspace_billing.apply import WorkspaceChanges

_FINGERPRINT_BYTES = 8


@contextmanager
def memory_world(clock: VirtualClock) -> Generator[MemoryWorld]:
    """A new and empty ledger in memory."""
    yield MemoryWorld(clock)


class MemoryWorld:
    """See ``World``."""

    def __init__(self, clock: VirtualClock) -> None:
        self._store = MemoryStore()
        store = self._store
        processes = Processes(store, store, UnsettledInMemory(store), DueAccountsInMemory(store))
        self.ledger = RehearsedLedger(store, processes, clock)
        self.views = FoldedViews(self.ledger)

    def find_key(self, key_id: str) -> RegisteredKey | None:
        return self._store.keys.get(key_id)

    def submit_at_once(self, submissions: Sequence[Submission]) -> list[Outcome | InvalidInput]:
        """One lock serves the whole store: at once is one after another."""
        return [self.ledger.submit(submission) for submission in submissions]

    def overwrite(self, event: PastEvent, state: bytes) -> None:
        placed = self._store.placed[event.shard]
        before = placed[event.position - 1]
        after = before._replace(stored=_with_state(before.stored, state))
        placed[event.position - 1] = after
        of_stream = self._store.by_stream[event.stream_id]
        of_stream[event.version - 1] = after


class FoldedViews:
    """The views' own folds over everything that was recorded; accounts as the aggregate itself has them."""

    def __init__(self, ledger: RehearsedLedger) -> None:
        self._ledger = ledger
        self._events: list[PastEvent] = []
        self._changes: dict[str, Any] = {}

    def catch_up(self) -> None:
        self._ledger.history.follow()
        self._events = list(self._ledger.history.events)
        self._changes = {view.name: changes for view, changes in fold(VIEWS, map(_as_event, self._events))}

    def figures(self, account: AccountRef) -> Figures | None:
        folded = self._account(account_stream(*account))
        if not folded.version:
            return None
        return Figures(
            balance=folded.balance,
            held=folded.held,
            available=folded.available,
            overdraft=folded.overdraft,
            unbilled=folded.unbilled,
            state=status_of(folded),
            lots={lot.lot: lot.remaining for lot in folded.lots if lot.remaining},
        )

    def code_balances(self) -> list[CodeBalance]:
        balances: list[CodeBalance] = []
        for stream_id in dict.fromkeys(event.stream_id for event in self._events):
            tenant, _, name = stream_id.partition("/account-")
            if name:
                account = self._account(stream_id)
                ref = AccountRef(tenant, account.account_id)
                balances += [CodeBalance(ref, account.currency, *each) for each in account.code_balances.items()]
        return balances

    def trial_balance(self) -> list[CodeTotal]:
        changes: CodeChanges = self._changes["code_balances"]
        return [CodeTotal(key[1], key[2], sides[DEBITS] - sides[CREDITS]) for key, sides in changes.items()]

    def statement(self, account: AccountRef, limit: int | None, page: int) -> Movements | None:
        if not self._account(account_stream(*account)).version:
            return None
        rows: list[EntryRow] = self._changes["account_entries"]
        of_account = [row for row in rows if (row.tenant, row.account_id) == account]
        of_account.sort(key=lambda row: (row.recorded_at, row.position), reverse=True)
        size = clamp(limit)
        items = of_account[(page - 1) * size : page * size]
        return Movements(
            [Movement(row.event_id.bytes, row.type, row.effect) for row in items], len(of_account) > page * size, size
        )

    def usage_total(self, account: AccountRef, start_day: int, end_day: int) -> UsageTotal:
        days = [totals for key, totals in self._usage_of(account) if start_day <= key.day < end_day]
        return UsageTotal(sum(totals[REQUESTS] for totals in days), sum(totals[CHARGED] for totals in days))

    def member_usage(self, account: AccountRef) -> list[MemberUsage]:
        by_user: dict[str, MemberUsage] = {}
        for key, totals in self._usage_of(account):
            before = by_user.get(key.user_id, MemberUsage(key.user_id or None, 0, 0))
            after = before._replace(lines=before.lines + totals[REQUESTS], charged=before.charged + totals[CHARGED])
            by_user[key.user_id] = after
        return sorted(by_user.values(), key=lambda each: (each.user is None, each.user))

    def lifetime_spend(self, account: AccountRef) -> int | None:
        if not self._account(account_stream(*account)).version:
            return None
        rows: list[EntryRow] = self._changes["account_entries"]
        fees = [row for row in rows if (row.tenant, row.account_id) == account and row.type == "fee"]
        return sum(totals[CHARGED] for _, totals in self._usage_of(account)) + sum(map(_credited, fees))

    def suspense(self, account: AccountRef) -> list[Suspended]:
        changes: SuspenseChanges = self._changes["suspense"]
        lines = [
            (line.position, line.place, Suspended(name.attempt_id, line.reason, line.amount_at_risk))
            for name, line in changes.lines.items()
            if line is not None and (name.tenant, line.account_id) == account
        ]
        return [suspended for _, _, suspended in sorted(lines)]

    def billed_as(self, tenant: str, workspace_id: str) -> BilledAs | None:
        changes: WorkspaceChanges = self._changes["workspace_billing"]
        row = changes.get((tenant, workspace_id))
        return None if row is None else BilledAs(*(row.get(name) for name in BilledAs._fields))

    def _usage_of(self, account: AccountRef) -> list[tuple[UsageKey, list[int]]]:
        usage: UsageChanges = self._changes["usage_summary"]
        return [(key, totals) for key, totals in usage.items() if (key.tenant, key.account_id) == account]

    def _account(self, stream_id: str) -> Account:
        account = Account()
        for event in self._events:
            if event.stream_id == stream_id:
                account.apply(event.payload, event.envelope.recorded_at)
        return account


def _credited(row: EntryRow) -> int:
    lines = [line for entry in json.loads(row.entries) for line in entry["lines"]]
    return sum(line["amount"] for line in lines if line["side"] == "credit")


def _as_event(event: PastEvent) -> Event:
    name, record = codec.decode(event.state[:_FINGERPRINT_BYTES], event.state[_FINGERPRINT_BYTES:])
    return Event(name, dict(record), event.shard, event.position - 1, event.stream_id, event.version, event.position)


def _with_state(stored: Any, state: bytes) -> Any:
    return type(stored)(stored.originator_id, stored.originator_version, stored.topic, state)
