"""What commands about an account's standing answer."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.lifecycle.standing import Status, status_of


class StatusAnswer(msgspec.Struct, frozen=True):
    """``reasons`` are why it is suspended, sorted; ``version`` is that of its stream."""

    account_id: str
    status: Status
    reasons: tuple[str, ...]
    version: int


def status_answer(account: Account) -> StatusAnswer:
    return StatusAnswer(account.account_id, status_of(account), tuple(account.suspended_for), account.version)
