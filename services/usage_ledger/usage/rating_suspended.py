"""RateSuspendedUsage: lines that had no price are rated by the prices that are known now, each once (U12).

What they cost the provider stays as it was recorded. A line that still has no price, or whose amount would not fit its
account's balances, stays in suspense.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.events import ChargeLine, LineBefore, SuspendedUsageRated
from usage_ledger.accounts.limits.spending import budgets_after
from usage_ledger.accounts.period_quantities import PeriodsAhead
from usage_ledger.accounts.usage_entries import rated_entries
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount
from usage_ledger.pricing.choice import Choice
from usage_ledger.pricing.events import LineOutcome, PriceBasis, answered_model
from usage_ledger.pricing.exact_amount import NOTHING_BEFORE, Before
from usage_ledger.pricing.rating import Rated, rate_line
from usage_ledger.pricing.rating_detail import RatingDetail
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream
from usage_ledger.usage.answer import UNPRICED
from usage_ledger.usage.booking import Booking
from usage_ledger.usage.commands import RateSuspendedUsage
from usage_ledger.usage.counted_periods import count_line
from usage_ledger.usage.kept_usage import SuspendedLine, suspended_lines
from usage_ledger.usage.line_amounts import reported_femto
from usage_ledger.usage.line_detail import MONTH_BYTES, PLAIN, rating_bytes
from usage_ledger.usage.usage_draft import UsageDraft


class SuspendedUsageAnswer(msgspec.Struct, frozen=True):
    """How many lines were rated, and what that charged (decimal text in the account's currency)."""

    rated: int
    charged: str


def rate_suspended_usage(command: RateSuspendedUsage, decision: Decision) -> SuspendedUsageAnswer:
    """Charge the lines that a price is known for now; those that were rated meanwhile are left alone.

    Raises ``Refusal('account_not_found')``.
    """
    account = current_account(decision, command.account_id)
    rating = _Rating(decision, Booking(account_stream(decision.tenant, command.account_id), account), account)
    for suspended in suspended_lines(decision, command.account_id, command.keys):
        rating.rate(suspended)
    rating.record()
    return SuspendedUsageAnswer(len(rating.before), format_amount(rating.charged))


class _Rating:
    """Lines of one account being rated. Nothing is recorded before ``record``."""

    def __init__(self, decision: Decision, booking: Booking, account: Account) -> None:
        self._decision = decision
        self._booking = booking
        self._account = account
        self._prices = decision.facts.prices
        self._periods = PeriodsAhead(account)
        self._bases: dict[PriceBasis, PriceBasis] = {}
        self.before: dict[bytes, LineBefore] = {}

    @property
    def charged(self) -> int:
        return self._booking.charged

    def rate(self, suspended: SuspendedLine) -> None:
        """Put the line, if it can be rated now, into the draft of an event."""
        line, basis = suspended.line, suspended.basis
        choice = self._choice(suspended)
        try:
            charged, outcome, rating = self._rated(line, choice)
            self._booking.take(charged, 0)
        except Refusal:
            return
        if outcome not in UNPRICED:
            now = choice.basis
            rated = PriceBasis(now.model, basis.provider, now.charge, basis.cost, now.detail)
            self._add(suspended, self._bases.setdefault(rated, rated), charged, outcome, rating)

    def record(self) -> None:
        """Append the events, each against the balances that the one before it left."""
        for draft in self._booking.drafts:
            if draft.lines:
                keys = [key for key, _ in draft.claims]
                before = tuple([self.before[key] for key in keys])
                payload = _event(draft, self._account, before, self._decision.recorded_at)
                position = record_on_account(self._decision, self._account, payload, draft.latest)
                self._decision.move_attempts(keys, position)

    def _choice(self, suspended: SuspendedLine) -> Choice:
        account, basis = self._account, suspended.basis
        payer = self._decision.tenant, account.account_id
        model = answered_model(basis)
        return self._prices.choose(model, basis.provider, account.currency, payer, suspended.occurred_at)

    def _rated(self, line: ChargeLine, choice: Choice) -> Rated:
        others = [(other.bucket, other.quantity) for other in line.detail.other_buckets] if line.detail else ()
        reported = reported_femto(line.detail.reported_cost if line.detail else None, self._account.currency)
        before = self._before(line, choice) if choice.period_buckets else NOTHING_BEFORE
        return rate_line(choice, line.input, line.cache_read, line.output, others, reported, before)

    def _before(self, line: ChargeLine, choice: Choice) -> Before:
        return self._periods.before(choice.basis.model, choice.period_buckets, line.occurred_at)

    def _add(
        self,
        suspended: SuspendedLine,
        basis: PriceBasis,
        charged: int,
        outcome: LineOutcome,
        rating: RatingDetail | None,
    ) -> None:
        line = suspended.line
        suspense = line.detail.suspense if line.detail else None
        posted_to = self._decision.facts.months.posting(line.occurred_at).month
        room = (rating_bytes(rating) if rating else 0) + (MONTH_BYTES if posted_to else 0)
        draft = self._booking.draft_for(suspended.line_bytes + room)
        rated = replace(
            line,
            decision=draft.place_decision(suspended.payer_decision),
            price=draft.place_price(basis),
            outcome=outcome,
            charged=charged,
            detail=replace(
                line.detail or PLAIN, source=suspended.source, suspense=None, rating=rating, accounting_month=posted_to
            ),
        )
        draft.add(suspended, rated, suspense or 0, suspended.payer_decision.capability)
        draft.room -= room
        count_line(self._periods, basis.model, rated)
        self.before[suspended.key] = LineBefore(line.outcome, suspense, suspended.position)


def _event(draft: UsageDraft, account: Account, before: tuple[LineBefore, ...], now: int) -> SuspendedUsageRated:
    charge = account.charge(draft.amounts)
    return SuspendedUsageRated(
        account_id=account.account_id,
        currency=account.currency,
        prices=tuple(draft.prices),
        decisions=tuple(draft.decisions),
        lines=tuple(draft.lines),
        before=before,
        charged=sum(draft.amounts),
        allocations=charge.allocations,
        entries=rated_entries(account, charge, draft.charged_by_capability, draft.suspense),
        balance_after=charge.balance_after,
        held_after=account.held,
        after_close=account.closed,
        budgets=budgets_after(account, draft.decisions, draft.lines, now),
    )
