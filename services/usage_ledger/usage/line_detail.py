"""The rare part of a charge line, as far as the item itself says it, and what a line needs of an event's room."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.events import LineDetail, Quantity, ReportedCost, Tag
from usage_ledger.accounts.usage_details import UsageReport
from usage_ledger.pricing.rating_detail import RatingDetail
from usage_ledger.usage.counts import Counts
from usage_ledger.usage.item import UsageItem
from usage_ledger.usage.raw_usage import raw_usage_text

PLAIN: Final = LineDetail((), None, None, "final", "generate", None, None, None, None, None, ())
"""What is meant where a line has no detail."""

_LINE_BYTES: Final = 110  # of a charge line's numbers in Avro at their longest, and of its range in the allocations
_DETAIL_BYTES: Final = 64
_OTHER_BUCKET_BYTES: Final = 32
_RATING_BYTES: Final = 32
MONTH_BYTES: Final = 128
"""Of the month that a line is posted to, and of the detail that it may have had none of."""

_TAG_BYTES: Final = 4  # of the lengths of name and value
_REPORT_BYTES: Final = 16  # of the lengths of its texts
_HOLD_BYTES: Final = 160  # of the hold that an item may name, whatever became of it


def line_detail(item: UsageItem, counts: Counts, cost: ReportedCost | None, source: str | None) -> LineDetail | None:
    """None where everything is as usual. ``source`` is the item's, where it is not the command's."""
    report = _report(item)
    if not (
        counts.others
        or cost
        or source
        or report
        or item.request_id
        or item.operation_id
        or item.runtime
        or item.fallback_from
        or item.tags
        or item.status not in (None, "final")
        or item.operation not in (None, "generate")
    ):
        return None
    return LineDetail(
        tuple([Quantity(bucket, quantity) for bucket, quantity in counts.others]),
        cost,
        None,
        item.status or "final",
        item.operation or "generate",
        source,
        item.request_id,
        item.operation_id,
        item.runtime,
        item.fallback_from,
        tuple([Tag(name, value) for name, value in sorted(item.tags.items())]) if item.tags else (),
        report,
    )


def item_line_bytes(item: UsageItem, detail: LineDetail | None) -> int:
    """No less than a line of the item needs in an event."""
    size = line_bytes(item.id, detail)
    return size if item.hold_id is None else size + _HOLD_BYTES


def line_bytes(attempt_id: str, detail: LineDetail | None) -> int:
    """No less than a line of the attempt needs in an event."""
    size = _LINE_BYTES + len(attempt_id)
    return size if detail is None else size + _detail_bytes(detail)


def rating_bytes(rating: RatingDetail) -> int:
    """No less than a line needs for what it met of its price, and for the detail that it may have had none of."""
    return _DETAIL_BYTES + _RATING_BYTES + sum([_RATING_BYTES + len(tier.bucket) for tier in rating.tiers])


def _report(item: UsageItem) -> UsageReport | None:
    """How the counts came to be known, where there is anything to say of it (U7, U13)."""
    if not (item.raw_usage or item.requested_model or item.provider_response_id or item.quality == "estimated"):
        return None
    return UsageReport(
        item.quality or "reported",
        item.requested_model,
        item.provider_response_id,
        item.api_flavor,
        raw_usage_text(item.raw_usage) if item.raw_usage else None,
    )


def _detail_bytes(detail: LineDetail) -> int:
    size = _DETAIL_BYTES + _OTHER_BUCKET_BYTES * len(detail.other_buckets)
    for text in (detail.source, detail.request_id, detail.operation_id, detail.runtime, detail.fallback_from):
        if text is not None:
            size += len(text)
    for tag in detail.tags:
        size += _TAG_BYTES + len(tag.name.encode()) + len(tag.value.encode())
    return size if detail.report is None else size + _report_bytes(detail.report)


def _report_bytes(report: UsageReport) -> int:
    texts = report.requested_model, report.provider_response_id, report.api_flavor, report.raw_usage
    return _REPORT_BYTES + sum([len(text.encode()) for text in texts if text is not None])
