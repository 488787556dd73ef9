"""The digests by which attempts are told apart (U3): whose attempt it is, and what it said. 16 bytes each."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from usage_ledger.accounts.events import ReportedCost
from usage_ledger.usage.counts import Counts
from usage_ledger.usage.item import UsageItem

DIGEST_BYTES = 16


def attempt_key(tenant: str, source: str, attempt_id: str) -> bytes:
    """BLAKE2b over tenant, source and attempt id, with a zero byte between them."""
    digest = _of_source(tenant, source).copy()
    digest.update(attempt_id.encode())
    return digest.digest()


def id_digest(tenant: str, attempt_id: str) -> bytes:
    """BLAKE2b over tenant and attempt id, whoever sent it: several sources may have one of this id."""
    return blake2b(f"{tenant}\0{attempt_id}".encode(), digest_size=DIGEST_BYTES).digest()


def response_key(tenant: str, provider: str | None, response_id: str) -> bytes:
    """BLAKE2b over tenant, provider and the id of its response: never an attempt's key, which has two zero bytes."""
    return blake2b(f"{tenant}\0response\0{provider or ''}\0{response_id}".encode(), digest_size=DIGEST_BYTES).digest()


def content_digest(item: UsageItem, counts: Counts, cost: ReportedCost | None) -> bytes:
    """BLAKE2b over what makes a repeat equal: provider, model, credential, operation, status, buckets, reported cost.

    Not the time. What is left out counts as its default, and a bucket of zero as absent.
    """
    text = (
        f"{item.provider or ''}\0{item.model}\0{item.credential or ''}\0{item.operation or 'generate'}\0"
        f"{item.status or 'final'}\0{counts.input}\0{counts.cache_read}\0{counts.output}"
    )
    for bucket, quantity in counts.others:
        text += f"\0{bucket}={quantity}"
    if cost is not None:
        text += f"\0{cost.femto} {cost.currency}"
    return blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()


@lru_cache(maxsize=4_096)
def _of_source(tenant: str, source: str) -> blake2b:
    """The part of the key that all items of a gateway share."""
    return blake2b(f"{tenant}\0{source}\0".encode(), digest_size=DIGEST_BYTES)
