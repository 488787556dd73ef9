"""Things of the world that happen once, by the digests of their keys: which are claimed, and by which command.

Runs are such things, and usage names many of them at once: those of a group are read with its lock, in one query.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from usage_ledger.accounts.holds.commands import PlaceHold, SettleHold
from usage_ledger.appending.digest import digest16
from usage_ledger.store import Batch, BusinessKeyRow, Transaction
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.workspaces.commands import DecideProvision
from usage_ledger.workspaces.run_decision import RUN


class BusinessKeys:
    """The keys that a group's commands ask for: each read once, under the lock; since then as the group leaves it."""

    def __init__(self, transaction: Transaction, batch: Batch) -> None:
        self._transaction = transaction
        self._batch = batch
        self._known = transaction.known.business_keys

    def find(self, tenant: str, key_kind: str, keys: Iterable[str]) -> dict[str, BusinessKeyRow]:
        """By key, those that are claimed."""
        digests = {key: digest16(tenant, key_kind, key) for key in keys}
        self._read(digests.values())
        rows = {key: self._known[digest] for key, digest in digests.items()}
        return {key: row for key, row in rows.items() if row is not None}

    def claim(self, row: BusinessKeyRow) -> None:
        self._known[row.digest] = row
        self._batch.business_keys.append(row)

    def _read(self, digests: Iterable[bytes]) -> None:
        """One query for all of them that were not read yet; none where there are none."""
        missing = [digest for digest in dict.fromkeys(digests) if digest not in self._known]
        if missing:
            self._known.update(dict.fromkeys(missing) | self._transaction.business_keys(missing))


def run_digests(command: msgspec.Struct, tenant: str) -> list[bytes]:
    """Of the runs that a command is about."""
    return [digest16(tenant, RUN, run_id) for run_id in _runs_of(command)]


def _runs_of(command: msgspec.Struct) -> Iterable[str]:
    match command:
        case RecordUsage():
            return set(filter(None, [attempt.item.run_id for attempt in command.attempts]))
        case SettleHold() if command.item is not None and command.item.run_id is not None:
            return (command.item.run_id,)
        case PlaceHold() if command.run_id is not None:
            return (command.run_id,)
        case DecideProvision():
            return (command.run_id,)
        case _:
            return ()
