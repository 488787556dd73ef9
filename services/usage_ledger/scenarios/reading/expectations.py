"""What a case may expect. Only the names are judged here: values are compared with what became of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from usage_ledger.scenarios.reading.fields import (
    Kind,
    anything,
    by_name,
    count,
    either,
    flag,
    label,
    many,
    money,
    one_of,
    record,
    text,
    whole,
)
from usage_ledger.scenarios.reading.misfit import Misfit, within
from usage_ledger.scenarios.reading.node import Node

_item: Final = record(
    {
        "attempt": label,
        "status": one_of("accepted", "duplicate", "quarantined", "rejected", "conflict"),
        "code": label,
        "line_status": one_of("charged", "zero_rated", "unpriced"),
        "reason": label,
        "charged": money,
        "provider_cost": money,
    }
)

_RESULT: Final[Mapping[str, Kind]] = {
    "outcome": one_of("accepted", "duplicate", "refused"),
    "code": label,
    "replayed": flag,
    "items": many(_item),
    **dict.fromkeys(("charged", "held", "available", "delta", "total"), money),
    "diff": many(record({"attempt": label, "old": money, "new": money, "delta": money})),
    **dict.fromkeys(("balance", "spendable", "required", "limit", "spend", "transferable", "difference"), money),
    "budget": label,
    "window": one_of("day", "week", "month", "total"),
    "retry_after": whole,
    "reasons": many(label),
}
"""Of one command."""

_COUNTS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("accepted", "duplicate", "refused"), count),
    "codes": by_name(count),
}
"""Of several: how many had which outcome, and which codes refusals had."""

_FIGURES: Final = record(
    {
        **dict.fromkeys(("balance", "held", "available", "overdraft", "unbilled"), money),
        "state": one_of("open", "suspended", "closed"),
        "lots": by_name(money),
    }
)

QUERIES: Final = ("balance", "statement", "usage_summary", "member_usage", "suspense", "lifetime_spend", "audit")
_ARGUMENTS: Final[Mapping[str, Kind]] = {
    "account": label,
    "limit": whole,
    "page": count,
    "from": text,
    "to": text,
}
_query: Final = record(
    {"query": one_of(*QUERIES), "args": record(_ARGUMENTS), "expect": by_name(anything)}, ("query", "args", "expect")
)


def _event(node: Node) -> Any:
    """The name of an event, or its name with the fields that must match."""
    members = node.members()
    if len(members) != 1:
        raise Misfit(node.line, "an event is its name, or its name with fields")
    return by_name(by_name(anything))(node)


def _balances(node: Node) -> Any:
    """By code, or by code and account."""
    for name, amount in node.members().items():
        if not name.partition(":")[0].isdecimal():
            raise Misfit(amount.line, f"{name}: a balance is of a code, or of code:account")
    return by_name(money)(node)


_then: Final = record(
    {
        "result": record(_RESULT),
        "results": many(record({**_RESULT, **_COUNTS})),
        "events": by_name(many(either(text, _event))),
        "event_counts": by_name(by_name(count)),
        "accounts": by_name(_FIGURES),
        "gl": _balances,
        "queries": many(_query),
        "unbalanced_store": flag,
    }
)


def read_expectations(node: Node, steps: int) -> Mapping[str, Any]:
    """What holds after ``steps`` steps. Raises Misfit."""
    with within("then"):
        then = _then(node)
        if "result" in then and steps != 1:
            raise Misfit(node.line, f"`result` is of the only step, and here are {steps}: use `results`")
        if len(then.get("results", ())) not in (0, steps):
            raise Misfit(node.line, f"{len(then['results'])} results are expected of {steps} steps")
        return then
