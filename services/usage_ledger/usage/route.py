"""Where usage goes that is charged alike: to which booking, by whose decision, at which price; or why nowhere yet."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.events import PayerDecision
from usage_ledger.accounts.holds.settling import Settlement
from usage_ledger.accounts.usage_details import HoldNamed
from usage_ledger.pricing.price_book import Choice
from usage_ledger.usage.booking import Booking
from usage_ledger.usage.events import Disposition
from usage_ledger.usage.named_holds import NamedHold
from usage_ledger.usage.usage_draft import UsageDraft


class Hindrance(msgspec.Struct, frozen=True):
    """Usage that occurred in [``since``, ``until``) is kept in quarantine for this reason (U5)."""

    since: int
    until: int
    disposition: Disposition
    reason: str


class Route:
    """Where usage goes that occurred in [``since``, ``until``), microseconds UTC.

    ``accounting_month`` is where it is posted to, if its own month was closed already (U6).
    """

    __slots__ = (
        "_draft",
        "accounting_month",
        "booking",
        "choice",
        "decision_index",
        "hold",
        "payer_decision",
        "price_index",
        "settlement",
        "since",
        "until",
    )

    def __init__(self, since: int, until: int, booking: Booking, payer_decision: PayerDecision, choice: Choice) -> None:
        self.since = since
        self.until = until
        self.booking = booking
        self.payer_decision = payer_decision
        self.choice = choice
        self.decision_index = 0
        self.price_index = 0
        self.hold: HoldNamed | None = None
        self.settlement: Settlement | None = None
        self.accounting_month: str | None = None
        self._draft: UsageDraft | None = None

    def decided(self, payer_decision: PayerDecision) -> Route:
        """The same way, by another decision."""
        route = Route(self.since, self.until, self.booking, payer_decision, self.choice)
        route.accounting_month = self.accounting_month
        return route

    def naming(self, hold: NamedHold) -> Route:
        """This way for usage that names a hold, which it settles if it is open."""
        route = Route(self.since, self.until, self.booking, self.payer_decision, self.choice)
        route.hold, route.settlement = hold.named, hold.settlement
        route.accounting_month = self.accounting_month
        return route

    def draft_for(self, line_bytes: int) -> UsageDraft:
        """The draft that takes the next line, in which the indexes of this route hold."""
        draft = self.booking.draft_for(line_bytes)
        if draft is not self._draft:
            self._draft = draft
            self.decision_index = draft.place_decision(self.payer_decision)
            self.price_index = draft.place_price(self.choice.basis)
        return draft
