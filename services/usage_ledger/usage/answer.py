"""What RecordUsage answers: a status for every item, in their order, and the sum that was charged (U4)."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from usage_ledger.accounts.usage_details import HoldState
from usage_ledger.pricing.events import LineOutcome

ItemStatus = Literal["accepted", "duplicate", "quarantined", "rejected", "conflict", "unavailable"]
"""``unavailable`` is never decided: a door says it of items whose shard did not answer."""
LineStatus = Literal["charged", "zero_rated", "unpriced"]

ZERO_RATED: Final = frozenset[LineOutcome](
    ("price_zero", "rounds_to_zero", "byok", "failed", "no_usage", "not_billable")
)
UNPRICED: Final = frozenset[LineOutcome](
    ("no_price", "no_price_in_currency", "bucket_unpriced", "no_margin_rule", "no_reported_cost")
)

LINE_STATUS: Final[dict[LineOutcome, tuple[LineStatus, str | None]]] = {
    "charged": ("charged", None),
    **{outcome: ("zero_rated", outcome) for outcome in ZERO_RATED},
    **{outcome: ("unpriced", outcome) for outcome in UNPRICED},
}
"""A line's status and its reason (U11)."""


class ItemAnswer(msgspec.Struct, omit_defaults=True, gc=False):
    """What became of one item. Money is decimal text in the paying account's currency.

    ``code`` stands beside every status but accepted and duplicate; ``hold_state`` is what the hold that it names was.
    """

    id: str
    status: ItemStatus
    code: str | None = None
    charged: str | None = None
    provider_cost: str | None = None
    account_id: str | None = None
    payer_reason: str | None = None
    mode: str | None = None
    mode_source: str | None = None
    line_status: LineStatus | None = None
    reason: str | None = None
    hold_state: HoldState | None = None


class Booked(NamedTuple):
    """What a command came to as a whole, each where there is one answer to it (U17)."""

    charged: str | None = None
    currency: str | None = None
    available: str | None = None
    hold_id: str | None = None
    usage_event_id: str | None = None


class UsageAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``charged`` sums the accepted items, where one currency can say it; ``code`` is that of a refused command.

    ``available`` is what the account has left where one pays for all, ``hold_id`` the hold where one was settled,
    ``usage_event_id`` the event where one holds all (U17).
    """

    outcome: Literal["accepted", "duplicate", "refused"]
    items: list[ItemAnswer]
    code: str | None = None
    charged: str | None = None
    currency: str | None = None
    available: str | None = None
    hold_id: str | None = None
    usage_event_id: str | None = None


def usage_answer(items: list[ItemAnswer], booked: Booked) -> UsageAnswer:
    """The command's outcome from its items' (U4).

    Accepted when an item is; else refused with the first code of an item rejected or in conflict; else accepted when
    an item waits, for it is kept and will be booked; else all were known.
    """
    statuses = {item.status for item in items}
    if "accepted" in statuses:
        return UsageAnswer("accepted", items, None, *booked)
    refused = [item.code for item in items if item.status in ("rejected", "conflict")]
    if refused:
        return UsageAnswer("refused", items, refused[0])
    return UsageAnswer("accepted" if "quarantined" in statuses else "duplicate", items)
