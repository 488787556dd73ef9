"""Usage that was taken in and is not charged: how much waits, for what, since when, and what is at risk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, LiteralString, NamedTuple

from psycopg import Connection

from usage_ledger.diagnosis.finding import Finding, ok, warning
from usage_ledger.money import format_amount

_SHOWN_MAX: Final = 3

# Items by reason, the most frequent first, and for how many seconds the oldest of them has been there.
_QUARANTINE: Final = """
SELECT reason, count(*), (extract(epoch FROM clock_timestamp()) - min(since) / 1000000)::bigint
  FROM views.quarantine GROUP BY reason ORDER BY count(*) DESC, reason
"""
_SUSPENSE: Final = """
SELECT reason, count(*), (extract(epoch FROM clock_timestamp()) - min(since) / 1000000)::bigint
  FROM views.suspense GROUP BY reason ORDER BY count(*) DESC, reason
"""

# What the items themselves say they may come to cost, nano-units by currency.
_QUARANTINE_AT_RISK: Final = """
SELECT currency, sum(amount_at_risk) FROM views.quarantine WHERE amount_at_risk > 0 GROUP BY currency ORDER BY currency
"""
_SUSPENSE_AT_RISK: Final = """
SELECT currency, sum(amount_at_risk) FROM views.suspense WHERE amount_at_risk > 0 GROUP BY currency ORDER BY currency
"""


class Waiting(NamedTuple):
    """Usage that waits for one reason; the oldest of it for ``oldest_s`` seconds."""

    reason: str
    items: int
    oldest_s: int


class _Place(NamedTuple):
    """Where usage waits, and what to do about it."""

    check: str
    by_reason: LiteralString
    at_risk: LiteralString
    mend: str


_PLACES: Final = (
    _Place(
        "quarantine",
        _QUARANTINE,
        _QUARANTINE_AT_RISK,
        "GET /v1/quarantine shows it; bring the fact that it misses, or assign a payer, or discard it",
    ),
    _Place("suspense", _SUSPENSE, _SUSPENSE_AT_RISK, "GET /v1/suspense shows it; publish prices of these models"),
)


def check_unsettled(reader: Connection[Any]) -> list[Finding]:
    """Of all tenants, as the views have it. Raises psycopg.Error."""
    return [_check(reader, place) for place in _PLACES]


def judge_waiting(check: str, waiting: list[Waiting], at_risk: dict[str, int], mend: str) -> Finding:
    """``at_risk`` is nano-units by currency."""
    if not waiting:
        return ok(check, "nothing waits")
    reasons = ", ".join(f"{each.items} {each.reason}" for each in waiting[:_SHOWN_MAX])
    more = ", …" if len(waiting) > _SHOWN_MAX else ""
    age = timedelta(seconds=max(0, *(each.oldest_s for each in waiting)))
    amounts = ", ".join(f"{format_amount(nano)} {currency}" for currency, nano in at_risk.items())
    risk = f"; at risk {amounts}" if amounts else ""
    return warning(check, f"{reasons}{more}; for up to {age}{risk}", mend)


def _check(reader: Connection[Any], place: _Place) -> Finding:
    waiting = [Waiting(*row) for row in reader.execute(place.by_reason)]
    at_risk = {currency: int(nano) for currency, nano in reader.execute(place.at_risk)}
    return judge_waiting(place.check, waiting, at_risk, place.mend)
