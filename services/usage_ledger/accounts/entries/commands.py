"""What can be asked about the journal itself."""

from __future__ import annotations

from typing import Annotated

import msgspec

from usage_ledger.accounts.journal import Side
from usage_ledger.identifiers import Id, Reason


class EntryLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``amount`` is decimal text in the account's currency; ``account_id``, if given, must be the entry's account."""

    account_code: int
    side: Side
    amount: str
    account_id: Id | None = None


class PostEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Post a manual entry (J4)."""

    account_id: Id
    lines: Annotated[tuple[EntryLine, ...], msgspec.Meta(max_length=100)]
    reason: Reason
