"""What happened to an account. Amounts are nano-units of its currency, times microseconds UTC."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.accounts.limits.events import BudgetSpend
from usage_ledger.accounts.usage_details import (
    Backfill,
    DecisionDetail,
    HoldNamed,
    UsageReport,
)
from usage_ledger.pricing.events import LineOutcome, PriceBasis
from usage_ledger.pricing.rating_detail import RatingDetail
from usage_ledger.recorded_event import EventPayload
from usage_ledger.workspaces.billing_mode import BillingMode

OwnerKind = Literal["personal", "org", "platform_service"]
Tier = Literal["internal", "demo", "testing"]
Funding = Literal["prepaid", "invoiced"]
Credential = Literal["UNKNOWN", "platform", "byok"]
AttemptStatus = Literal["final", "partial", "failed"]


class AccountOpened(EventPayload, frozen=True):
    """A payer's ledger begins (A1-A3). ``credit_limit`` None means unlimited; it speaks of invoiced accounts only.

    ``members`` and ``workspaces`` are whom usage may be attributed to; None means anybody (U14).
    """

    account_id: str
    owner_kind: OwnerKind
    tier: Tier | None
    funding: Funding
    currency: str
    zone: str
    overdraft_limit: int
    credit_limit: int | None
    members: tuple[str, ...] | None = None
    workspaces: tuple[str, ...] | None = None


class PurchaseRecorded(EventPayload, frozen=True):
    """Credit that was paid for (C8). Debt came first; ``lot`` is None when everything settled debt (C5).

    ``topup_id`` names the auto top-up that bought it (L6).
    """

    account_id: str
    currency: str
    amount: int
    payment_ref: str
    debt_settled: int
    lot: str | None
    lot_amount: int
    priority: int
    expires_at: int | None
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
    topup_id: str | None = None


class Rollover(msgspec.Struct, frozen=True):
    """What of a lot does not expire with it: at most ``limit`` nano-units (None: all), which live until ``until``."""

    limit: int | None
    until: int


class Allowance(msgspec.Struct, frozen=True):
    """Which plan gave credit, for which period, and what rolls over at its end (C10)."""

    plan: str
    period: str
    rollover: Rollover | None


class CreditsGranted(EventPayload, frozen=True):
    """Credit that was given (C9), unique by account, kind and reference. Debt came first (C5)."""

    account_id: str
    currency: str
    kind: str
    amount: int
    reference: str
    reason: str
    debt_settled: int
    lot: str | None
    lot_amount: int
    priority: int
    effective_at: int
    expires_at: int | None
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
    allowance: Allowance | None = None


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """A count of one bucket (U7)."""

    bucket: str
    quantity: int


class ReportedCost(msgspec.Struct, frozen=True, gc=False):
    """What the gateway says the attempt cost, in 10^-15 of a currency unit (U8)."""

    femto: int
    currency: str


class Tag(msgspec.Struct, frozen=True, gc=False):
    name: str
    value: str


class LineDetail(msgspec.Struct, frozen=True):
    """What few lines have. ``source`` None means the envelope's; ``suspense`` is nano-units posted to 1900 (U12).

    ``accounting_month`` is YYYY-MM where the month of occurred_at was closed already (U6).
    """

    other_buckets: tuple[Quantity, ...]
    reported_cost: ReportedCost | None
    suspense: int | None
    status: AttemptStatus
    operation: str
    source: str | None
    request_id: str | None
    operation_id: str | None
    runtime: str | None
    fallback_from: str | None
    tags: tuple[Tag, ...]
    report: UsageReport | None = None
    hold: HoldNamed | None = None
    accounting_month: str | None = None
    rating: RatingDetail | None = None


class PayerDecision(msgspec.Struct, frozen=True):
    """Who pays for a line and why; ``payer`` None means that nobody is charged. ``Decision`` in the schema."""

    workspace_id: str
    mode: BillingMode
    mode_source: str
    policy: str
    registry_version: str | None
    payer: str | None
    payer_reason: str
    credential: Credential
    route_mismatch: bool
    capability: str
    detail: DecisionDetail | None = None


class ChargeLine(msgspec.Struct, frozen=True, gc=False):
    """What one attempt consumed (tokens) and what the ledger made of it (nano-units) (U8, U11).

    ``decision`` and ``price`` are indexes into the event's lists.
    """

    attempt_id: str
    occurred_at: int
    decision: int
    price: int
    outcome: LineOutcome
    input: int
    cache_read: int
    output: int
    charged: int
    provider_cost: int | None
    detail: LineDetail | None


class Allocation(msgspec.Struct, frozen=True, gc=False):
    """Lines ``first_line`` to ``last_line`` drew ``amount`` from ``lot``; None is the shortfall account (C4)."""

    first_line: int
    last_line: int
    lot: str | None
    amount: int


class UsageRecorded(EventPayload, frozen=True):
    """What attempts consumed: one event per paying account and command (U4).

    Without ``account_id`` it is metered: nobody is charged, and ``balance_after`` and ``held_after`` are None.
    ``after_close``: the account had been closed, and owes what its credit does not cover (A3).
    """

    account_id: str | None
    currency: str | None
    prices: tuple[PriceBasis, ...]
    decisions: tuple[PayerDecision, ...]
    lines: tuple[ChargeLine, ...]
    charged: int
    allocations: tuple[Allocation, ...]
    entries: tuple[JournalEntry, ...]
    balance_after: int | None
    held_after: int | None
    after_close: bool = False
    backfill: Backfill | None = None
    budgets: tuple[BudgetSpend, ...] = ()


class LineBefore(msgspec.Struct, frozen=True, gc=False):
    """Why a line was unpriced, what it held in suspense (nano-units), and the position of the event that said so."""

    outcome: LineOutcome
    suspense: int | None
    position: int


class SuspendedUsageRated(EventPayload, frozen=True):
    """Lines that had no price were rated when one arrived (U12): suspense closed, charge posted.

    ``lines`` are as they are now, ``before`` is what each of them was, in the same order.
    """

    account_id: str
    currency: str
    prices: tuple[PriceBasis, ...]
    decisions: tuple[PayerDecision, ...]
    lines: tuple[ChargeLine, ...]
    before: tuple[LineBefore, ...]
    charged: int
    allocations: tuple[Allocation, ...]
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
    after_close: bool = False
    budgets: tuple[BudgetSpend, ...] = ()
