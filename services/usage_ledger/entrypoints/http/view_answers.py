"""The views' answers on the wire: amounts as decimal text, times as RFC 3339 text."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros, format_micros_or_none
from usage_ledger.entrypoints.http.view_reading import reflected
from usage_ledger.money import format_amount
from usage_ledger_views.account_balances.queries import PAID_KINDS, Account, Balance, Lot
from usage_ledger_views.account_entries.queries import Movement, Statement


class GrantAnswer(msgspec.Struct, frozen=True):
    """A lot with something left, purchases included."""

    lot: str
    kind: str
    amount: str
    remaining: str
    priority: int
    effective_at: str
    expires_at: str | None


class BalanceAnswer(msgspec.Struct, frozen=True):
    """``posted`` is the balance (C2); ``spendable`` null means without limit (H2). Grants: next to be used first."""

    account_id: str
    status: str
    owner_kind: str
    tier: str | None
    funding: str
    currency: str
    zone: str
    posted: str
    held: str
    available: str
    spendable: str | None
    overdraft: str
    unbilled: str
    paid: str
    promotional: str
    overdraft_limit: str
    credit_limit: str | None
    grants: list[GrantAnswer]
    as_of: AsOfAnswer
    incomplete: bool


class EntryLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One side of an entry, by the chart of accounts (A6)."""

    account_code: int
    side: str
    amount: str
    lot: str | None = None


class EntryAnswer(msgspec.Struct, frozen=True):
    """A journal entry: debits equal credits (J1)."""

    event_id: str
    position: str
    type: str
    reference: str
    occurred_at: str
    recorded_at: str
    lines: list[EntryLine]


class EntriesAnswer(msgspec.Struct, frozen=True):
    """Newest first."""

    items: list[EntryAnswer]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


class StatementItem(msgspec.Struct, frozen=True):
    """One movement; ``effect`` is signed."""

    event_id: str
    position: str
    type: str
    effect: str
    running_balance: str
    reference: str
    occurred_at: str
    recorded_at: str


class StatementAnswer(msgspec.Struct, frozen=True):
    """``closing`` minus ``opening`` is the sum of the effects on all pages. Newest first."""

    opening: str
    entries: list[StatementItem]
    closing: str
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


def balance_answer(balance: Balance) -> BalanceAnswer:
    account = balance.account
    return BalanceAnswer(
        account_id=account.account_id,
        status=account.status,
        owner_kind=account.owner_kind,
        tier=account.tier,
        funding=account.funding,
        currency=account.currency,
        zone=account.zone,
        posted=format_amount(account.posted),
        held=format_amount(account.held),
        available=format_amount(account.available),
        spendable=amount_or_none(_spendable(account)),
        overdraft=format_amount(account.overdraft),
        unbilled=format_amount(account.unbilled),
        paid=format_amount(sum(lot.remaining for lot in balance.lots if lot.kind in PAID_KINDS)),
        promotional=format_amount(sum(lot.remaining for lot in balance.lots if lot.kind not in PAID_KINDS)),
        overdraft_limit=format_amount(account.overdraft_limit),
        credit_limit=amount_or_none(account.credit_limit),
        grants=[_grant(lot) for lot in balance.lots],
        as_of=reflected(balance.as_of),
        incomplete=balance.incomplete,
    )


def entry_answers(movement: Movement) -> Iterator[EntryAnswer]:
    """The entries of one event; nearly always one."""
    for entry in movement.entries:
        yield EntryAnswer(
            event_id=movement.event_id,
            position=movement.position,
            type=entry.type,
            reference=movement.reference,
            occurred_at=format_micros(movement.occurred_at),
            recorded_at=format_micros(movement.recorded_at),
            lines=[EntryLine(line.code, line.side, format_amount(line.amount), line.lot) for line in entry.lines],
        )


def _statement_item(movement: Movement) -> StatementItem:
    return StatementItem(
        event_id=movement.event_id,
        position=movement.position,
        type=movement.type,
        effect=format_amount(movement.effect),
        running_balance=format_amount(movement.running_balance),
        reference=movement.reference,
        occurred_at=format_micros(movement.occurred_at),
        recorded_at=format_micros(movement.recorded_at),
    )


def statement_answer(statement: Statement) -> StatementAnswer:
    page = statement.page
    return StatementAnswer(
        opening=format_amount(statement.opening),
        entries=[_statement_item(movement) for movement in page.items],
        closing=format_amount(statement.closing),
        next=page.next,
        as_of=reflected(page.as_of),
        incomplete=page.incomplete,
    )


def _spendable(account: Account) -> int | None:
    """available - unbilled + limit (H2)."""
    limit = account.credit_limit if account.funding == "invoiced" else account.overdraft_limit
    return None if limit is None else account.available - account.unbilled + limit


def _grant(lot: Lot) -> GrantAnswer:
    return GrantAnswer(
        lot=lot.lot,
        kind=lot.kind,
        amount=format_amount(lot.amount),
        remaining=format_amount(lot.remaining),
        priority=lot.priority,
        effective_at=format_micros(lot.effective_at),
        expires_at=format_micros_or_none(lot.expires_at),
    )


def amount_or_none(nano: int | None) -> str | None:
    """Decimal text; None stays unknown or without limit."""
    return None if nano is None else format_amount(nano)
