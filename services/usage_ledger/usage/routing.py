"""Finds the route of every attempt of a command: workspace, mode, payer and price, each looked up once (U5, P2).

Usage that names a hold is charged to whom the hold was admitted for, unless it is of a run that was decided to be
something else. Other usage of a run is charged by that run's decision, whenever it comes, and usage without a run by
the resolution as of its occurred_at; which account pays, by the pin in force then, or by whom an operator names for
usage that waited. What the gateway observed never decides, except that an attempt may declare itself a fallback to the
platform's credential. Usage that names another account to pay is charged to it as far as that account allows (U15).
What this module does not do yet: accounts of other tenants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from usage_ledger.accounts.bill_to.allowance import BillToAllowance, bill_to_allowance
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.events import PayerDecision
from usage_ledger.deciding import Decision
from usage_ledger.pricing.choice import Choice, for_fee
from usage_ledger.streams import account_stream, metered_stream
from usage_ledger.timeline import BEGINNING, END
from usage_ledger.usage.attempt import Attempt, RouteKey
from usage_ledger.usage.booking import Booking
from usage_ledger.usage.line_amounts import charge_of
from usage_ledger.usage.named_holds import NamedHold, NamedHolds
from usage_ledger.usage.payer_decision import admitted_decision, bill_to_rejected, billed_to, payer_decision
from usage_ledger.usage.payment import Payment, is_platform_fallback, payment_of
from usage_ledger.usage.route import Hindrance, Route
from usage_ledger.usage.standings import Standings


class Routing:
    """The routes and bookings of one command. ``assigned`` is an account that pays in place of the pinned one.

    ``final`` closes the open holds that it settles (H5).
    """

    def __init__(
        self, decision: Decision, attempts: Sequence[Attempt], assigned: str | None = None, *, final: bool = True
    ) -> None:
        self._holds = NamedHolds(decision, final=final)
        self._assigned = assigned
        self._decision = decision
        self._tenant = decision.tenant
        self._prices = decision.facts.prices
        self._months = decision.facts.months
        self._latest: dict[RouteKey, Route | Hindrance] = {}
        self._left: dict[RouteKey, list[Route | Hindrance]] = {}
        self._bookings: dict[str, Booking] = {}
        self._allowances: dict[tuple[str, str | None], BillToAllowance] = {}
        self.standings = Standings(decision, attempts)

    @property
    def bookings(self) -> Iterable[Booking]:
        """In the order in which they were first needed, those first that charge somebody.

        So a hold is settled beside the charge, where its lines are booked in both (H5).
        """
        return sorted(self._bookings.values(), key=lambda booking: booking.account is None)

    def named_hold(self, hold_id: str, workspace_id: str) -> NamedHold:
        return self._holds.find(hold_id, workspace_id)

    def route(self, attempt: Attempt) -> Route | Hindrance:
        """The attempt's way: that of the hold that it names, or the one that holds for everything of its key."""
        item = attempt.item
        hold_id = item.hold_id
        if (hold_id is None and item.bill_to is None) or self._assigned is not None:
            return self._shared_route(attempt)
        if hold_id is None:
            return self._unheld_route(attempt)
        hold = self._holds.find(hold_id, attempt.workspace_id)
        if hold.decision is not None and self._was_admitted(attempt, hold.decision):
            return self._admitted_route(attempt, hold.decision).naming(hold)
        route = self._unheld_route(attempt)
        return route if isinstance(route, Hindrance) else route.naming(hold)

    def charged_to(self, payer: str, own: Route, attempt: Attempt) -> Route:
        """The way of the attempt if ``payer`` pays in place of the account that would have."""
        booking = self._booking(attempt.workspace_id, payer)
        choice = self._choice(attempt.route_key, payer, booking, attempt.occurred_at)
        route = Route(own.since, own.until, booking, billed_to(own.payer_decision, payer), choice)
        route.accounting_month = own.accounting_month
        return route

    def _unheld_route(self, attempt: Attempt) -> Route | Hindrance:
        route = self._shared_route(attempt)
        named = attempt.item.bill_to
        if named is None or isinstance(route, Hindrance) or route.payer_decision.payer in (None, named):
            return route
        billed = self._billed_route(named, route, attempt)
        return billed or route.decided(bill_to_rejected(route.payer_decision, named))

    def _billed_route(self, named: str, own: Route, attempt: Attempt) -> Route | None:
        """None where the account that is named did not allow it when it occurred, or not so much (U15)."""
        allowed = bill_to_allowance(self._decision, named, own.payer_decision.payer, attempt.occurred_at)
        if allowed is None:
            return None
        route = self.charged_to(named, own, attempt)
        allowed = self._allowances.setdefault((named, own.payer_decision.payer), allowed)
        return route if allowed.take(charge_of(attempt, route)) else None

    def _was_admitted(self, attempt: Attempt, admitted: PayerDecision) -> bool:
        """Whether the hold was placed for such usage: not where its run was decided to be something else."""
        if admitted.payer is None and is_platform_fallback(attempt.route_key):
            return False
        run_id = attempt.item.run_id
        decided = None if run_id is None else self.standings.resolution_of_run(run_id, attempt.workspace_id)
        return decided is None or decided.mode == admitted.mode

    def _admitted_route(self, attempt: Attempt, admitted: PayerDecision) -> Route:
        """Whoever was admitted to pay pays, whatever mode and pin are by now (H12)."""
        key, payer = attempt.route_key, admitted.payer
        booking = self._booking(attempt.workspace_id, payer)
        choice = self._choice(key, payer, booking, attempt.occurred_at)
        if payer is not None and admitted.mode == "byok" and not is_platform_fallback(key):
            choice = for_fee(choice)
        route = Route(BEGINNING, END, booking, admitted_decision(key, admitted, booking.account), choice)
        route.accounting_month = self._months.posting(attempt.occurred_at).month
        return route

    def _shared_route(self, attempt: Attempt) -> Route | Hindrance:
        """Nearly always that of an earlier attempt with the same key."""
        key, occurred_at = attempt.route_key, attempt.occurred_at
        route = self._latest.get(key)
        if route is None:
            route = self._latest[key] = self._build(key, occurred_at)
        elif not route.since <= occurred_at < route.until:
            self._left.setdefault(key, []).append(route)
            route = self._latest[key] = self._left_or_new(key, occurred_at)
        return route

    def _left_or_new(self, key: RouteKey, occurred_at: int) -> Route | Hindrance:
        """Items may come in any order of time: a route that was left is gone back to, not built again."""
        left = self._left[key]
        for index, route in enumerate(left):
            if route.since <= occurred_at < route.until:
                return left.pop(index)
        return self._build(key, occurred_at)

    def _build(self, key: RouteKey, occurred_at: int) -> Route | Hindrance:
        workspace_id, run_id = key[0], key[6]
        if run_id is None:
            standing = self.standings.of(workspace_id, occurred_at)
        else:
            standing = self.standings.of_run(run_id, workspace_id, occurred_at)
        payment = payment_of(standing, key, self._assigned)
        if isinstance(payment, Hindrance):
            return payment
        fee = self._byok_fee(payment, key[1], occurred_at)
        if fee:
            payment = payment.for_fee()
        booking = self._booking(workspace_id, payment.payer)
        choice = self._choice(key, payment.payer, booking, occurred_at)
        if fee:
            choice = for_fee(choice)
        posting = self._months.posting(occurred_at)
        since = max(payment.since, choice.holds_from, posting.since)
        until = min(payment.until, choice.holds_to, posting.until)
        route = Route(since, until, booking, payer_decision(key, payment, booking.account), choice)
        route.accounting_month = posting.month
        return route

    def _byok_fee(self, payment: Payment, model: str, occurred_at: int) -> int:
        """Nano-units a line; zero where no fee is set, or nobody would pay it (U8)."""
        if payment.fee_payer is None:
            return 0
        return self._prices.choose(model, None, None, (self._tenant, payment.fee_payer), occurred_at).policy.byok_fee

    def _choice(self, key: RouteKey, payer: str | None, booking: Booking, occurred_at: int) -> Choice:
        account = None if payer is None else (self._tenant, payer)
        return self._prices.choose(key[1], key[2], booking.currency, account, occurred_at)

    def _booking(self, workspace_id: str, payer: str | None) -> Booking:
        stream = metered_stream(self._tenant, workspace_id) if payer is None else account_stream(self._tenant, payer)
        booking = self._bookings.get(stream)
        if booking is None:
            account = None if payer is None else current_account(self._decision, payer)
            booking = self._bookings[stream] = Booking(stream, account)
        return booking
