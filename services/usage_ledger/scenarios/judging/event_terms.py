"""An event in the words of a case: labels instead of ids, money as decimal text, the lines of usage spelled out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from usage_ledger.money import format_amount
from usage_ledger.recorded_event import EventPayload
from usage_ledger.scenarios.cast import Cast
from usage_ledger.usage.answer import LINE_STATUS

_AMOUNTS: Final = frozenset(
    (
        *("amount", "balance", "balance_after", "held_after", "limit", "previous", "threshold_amount"),
        *("debt_settled", "lot_amount", "overdraft", "requested", "charged", "shortfall", "delta"),
        *("captured", "overage", "released", "held", "spend", "pool", "share", "remainder", "paid", "cap"),
        *("provider_cost", "suspense", "overdraft_limit", "credit_limit"),
    )
)
"""Fields in nano-units, of whichever event."""

_LOTS: Final = frozenset(("lot", "from_lot", "to_lot"))


def terms_of(payload: EventPayload, cast: Cast) -> Mapping[str, Any]:
    """The event's fields. Of usage that is one line, the fields of the line stand beside those of the event."""
    terms = _fields(payload, cast, getattr(payload, "account_id", None))
    if hasattr(payload, "lines"):
        terms["lines"] = [_line(line, payload) for line in _lines_of(payload)]
        if len(terms["lines"]) == 1:
            return {**terms["lines"][0], **terms}
    return terms


def _fields(record: msgspec.Struct, cast: Cast, account: str | None) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value: Any = getattr(record, name)
        if isinstance(value, int) and name in _AMOUNTS:
            value = format_amount(value)
        elif name in _LOTS and isinstance(value, str) and account is not None:
            value = cast.lot_label(account, value)
        terms[name.removesuffix("_id")] = value
    return terms


def _lines_of(payload: Any) -> Iterable[Any]:
    return payload.lines


def _line(line: Any, payload: Any) -> dict[str, Any]:
    """A charge line with its price and its decision, which the event lists once for all lines."""
    price = payload.prices[line.price].charge
    status, reason = LINE_STATUS[line.outcome]
    terms = {
        "attempt": line.attempt_id,
        "buckets": _buckets(line),
        "charged": format_amount(line.charged),
        "line_status": status,
        "reason": reason,
        "price_version": None if price is None else price.version,
    }
    decision = payload.decisions[line.decision]
    return {**_rare(line.detail), **_rare(decision), **terms}


def _rare(record: msgspec.Struct | None) -> dict[str, Any]:
    """The fields of a record and of the records within it, side by side. What was rejected is said, not which."""
    terms: dict[str, Any] = {}
    for name in () if record is None else record.__struct_fields__:
        value = getattr(record, name)
        terms |= _rare(value) if isinstance(value, msgspec.Struct) else {name: value}
    if "bill_to_rejected" in terms:
        terms["bill_to_rejected"] = terms["bill_to_rejected"] is not None
    return terms


def _buckets(line: Any) -> dict[str, int]:
    counts = {"input": line.input, "cache_read": line.cache_read, "output": line.output}
    others = line.detail.other_buckets if line.detail is not None else ()
    counts |= {other.bucket: other.quantity for other in others}
    return {bucket: quantity for bucket, quantity in counts.items() if quantity}
