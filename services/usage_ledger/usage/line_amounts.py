"""The numbers of one charge line: what is charged, what the provider takes, what waits in suspense (U8, U11-U13)."""

from __future__ import annotations

import msgspec

from usage_ledger.money import half_even_to_nano
from usage_ledger.pricing.events import LineOutcome
from usage_ledger.pricing.rating import provider_cost, rate
from usage_ledger.usage.answer import UNPRICED
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.route import Route


class LineAmounts(msgspec.Struct, frozen=True, gc=False):
    """Nano-units; ``provider_cost`` None is unknown, ``suspense`` None is nothing to post."""

    outcome: LineOutcome
    charged: int
    provider_cost: int | None
    suspense: int | None


def line_amounts(attempt: Attempt, route: Route) -> LineAmounts:
    """Rate the attempt. Raises ``Refusal('amount_out_of_range')`` where an amount passes 64 bits (M2).

    Reading a stored answer is never billable; nobody is charged for a metered attempt; a failed one is not charged.
    """
    exemption = attempt.exemption
    if exemption == "not_billable":
        # The provider took nothing again, so its list price does not apply: only what was reported.
        return LineAmounts("not_billable", 0, _reported(attempt), None)
    cost = _provider_cost(attempt, route)
    if route.booking.account is None:
        return LineAmounts("byok", 0, cost, None)
    if exemption is not None:
        return LineAmounts(exemption, 0, cost, None)
    charged, outcome = rate(route.choice, attempt.input, attempt.cache_read, attempt.output, attempt.others)
    return LineAmounts(outcome, charged, cost, _suspense(attempt, route) if outcome in UNPRICED else None)


def _provider_cost(attempt: Attempt, route: Route) -> int | None:
    cost = route.choice.cost
    if cost is None:
        return _reported(attempt)
    reported = attempt.reported_cost
    if reported is not None and reported.currency != cost.published.currency:
        reported = None  # a number in another currency than the price basis names would be misread
    return provider_cost(
        route.choice,
        attempt.input,
        attempt.cache_read,
        attempt.output,
        attempt.others,
        reported.femto if reported else None,
    )


def _reported(attempt: Attempt) -> int | None:
    return None if attempt.reported_cost is None else half_even_to_nano(attempt.reported_cost.femto)


def _suspense(attempt: Attempt, route: Route) -> int | None:
    """What an unpriced line may come to cost: its reported cost, if that is in the account's currency (U12)."""
    reported = attempt.reported_cost
    if reported is None or reported.currency != route.booking.currency:
        return None
    return half_even_to_nano(reported.femto) or None
