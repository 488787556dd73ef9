"""What a transaction names may be larger than the buffers of the socket to Postgres: it is looked up all the same."""

from __future__ import annotations

import pytest

from usage_ledger.store import LedgerStore, Named

TWO_MEGABYTES_OF_DIGESTS = [number.to_bytes(16, "big") for number in range(100_000)]


@pytest.mark.timeout(30)
def test_megabytes_of_names_are_looked_up_with_the_lock(store: LedgerStore) -> None:
    digests = TWO_MEGABYTES_OF_DIGESTS
    with store.transaction([0], Named(digests, digests, digests, digests)) as transaction:
        assert (transaction.known.commands, transaction.known.attempts) == ({}, {})
        assert list(transaction.known.holds) == list(transaction.known.business_keys) == digests
    with store.transaction([0]) as afterwards:
        assert afterwards.shards[0].last_position == 0
