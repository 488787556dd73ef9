"""One usage item made ready before the lock: everything about it that needs no fact of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec
from msgspec import UNSET

from usage_ledger.accounts.events import LineDetail, ReportedCost
from usage_ledger.accounts.usage_details import Attribution
from usage_ledger.usage.attempt_digests import attempt_key, content_digest, response_key
from usage_ledger.usage.counts import Counts
from usage_ledger.usage.item import Credential, UsageItem
from usage_ledger.usage.item_counts import NO_COUNTS, item_counts
from usage_ledger.usage.line_detail import item_line_bytes, line_detail
from usage_ledger.usage.raw_usage import MAX_RAW_BYTES, raw_usage_text
from usage_ledger.usage.reported_cost import read_reported_cost

Exemption = Literal["not_billable", "failed"]
"""Why an attempt is not charged, whatever its price (U13)."""

RouteKey = tuple[str, str, str | None, Credential | None, str, bool, str | None, Attribution | None, str | None]
"""What attempts share that are charged alike.

Workspace, model, provider, credential, capability, whether a fallback, run, for whom it was used, who is to pay.
"""

DEFAULT_CAPABILITY: Final = "chat"
"""Of a call that names none."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_KEPT: Final = 2**127 - 1


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """An item with its counts read, its digests taken and its line's rare part written.

    ``occurred_at`` is microseconds UTC; ``key`` and ``content`` are 16 bytes each (U3). ``problem`` is the code for
    which it is rejected, whatever the ledger knows (U5); it then has no content. ``response`` is the key of the
    provider's response that was consumed, where the item names it. ``line_bytes`` is no less than its line needs in an
    event.
    """

    attempt_id: str
    source: str
    workspace_id: str
    occurred_at: int
    route_key: RouteKey
    input: int
    cache_read: int
    output: int
    others: tuple[tuple[str, int], ...]
    reported_cost: ReportedCost | None
    exemption: Exemption | None
    detail: LineDetail | None
    line_bytes: int
    key: bytes
    content: bytes
    response: bytes | None
    problem: str | None
    item: UsageItem

    @property
    def raw(self) -> bytes:
        """The item as JSON, as quarantine keeps it.

        What would not fit an event is cut: a count beyond 128 bits is kept as the nearest within, and of a raw usage
        that is too large the beginning.
        """
        item = self.item
        usage = item.usage
        if usage is not UNSET and usage and max(map(abs, usage.values())) > _MOST_KEPT:
            kept = {name: max(-_MOST_KEPT, min(_MOST_KEPT, quantity)) for name, quantity in usage.items()}
            item = msgspec.structs.replace(item, usage=kept)
        elif self.problem == "raw_usage_too_large" and item.raw_usage:
            item = msgspec.structs.replace(item, raw_usage={"cut": raw_usage_text(item.raw_usage)[:MAX_RAW_BYTES]})
        return msgspec.json.encode(item)


def prepare(item: UsageItem, tenant: str, default_source: str) -> Attempt:
    """Make an item of ``tenant`` ready; ``default_source`` is the key's, for an item that names none."""
    counts, cost, problem = _read(item)
    source = item.source or default_source
    detail = line_detail(item, counts, cost, source if source != default_source else None)
    return Attempt(
        item.id,
        source,
        item.workspace_id,
        _micros(item.occurred_at),
        _route_key(item),
        counts.input,
        counts.cache_read,
        counts.output,
        counts.others,
        cost,
        _exemption(item),
        detail,
        item_line_bytes(item, detail),
        attempt_key(tenant, source, item.id),
        b"" if problem else content_digest(item, counts, cost),
        _response(item, tenant),
        problem,
        item,
    )


def prepare_all(items: Iterable[UsageItem], tenant: str, default_source: str) -> tuple[Attempt, ...]:
    """Make the items of one tenant ready, in their order."""
    return tuple([prepare(item, tenant, default_source) for item in items])


def _route_key(item: UsageItem) -> RouteKey:
    return (
        item.workspace_id,
        item.model,
        item.provider,
        item.credential,
        item.capability or DEFAULT_CAPABILITY,
        item.fallback_from is not None,
        item.run_id,
        item.attributed_to,
        item.bill_to,
    )


def _read(item: UsageItem) -> tuple[Counts, ReportedCost | None, str | None]:
    """Counts and reported cost, or the code of the first problem."""
    counts = item_counts(item)
    if isinstance(counts, str):
        return NO_COUNTS, None, counts
    if item.reported_cost is None:
        return counts, None, None
    cost = read_reported_cost(item.reported_cost)
    if isinstance(cost, str):
        return counts, None, cost
    return counts, cost, None


def _response(item: UsageItem, tenant: str) -> bytes | None:
    """None also for whoever only fetches a stored response: many may, and nobody is charged for it (U13)."""
    if item.provider_response_id is None or _exemption(item) == "not_billable":
        return None
    return response_key(tenant, item.provider, item.provider_response_id)


def _exemption(item: UsageItem) -> Exemption | None:
    if item.operation is not None and item.operation != "generate":
        return "not_billable"
    return "failed" if item.status == "failed" else None


def _micros(instant: datetime) -> int:
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
