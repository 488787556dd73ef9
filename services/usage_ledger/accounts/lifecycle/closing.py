"""What has to be settled before an account may be closed (A4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from usage_ledger.accounts.account import Account
from usage_ledger.refusals import Refusal

_UNSETTLED: Final[tuple[tuple[str, Callable[[Account], object]], ...]] = (
    ("balance", lambda account: account.lots),
    ("overdraft", lambda account: account.overdraft),
    ("unbilled", lambda account: account.unbilled),
    ("hold", lambda account: account.holds.by_id),
    ("dispute", lambda account: account.credit_record.disputes),
)
"""In the order of A4."""


def require_settled(account: Account) -> None:
    """Raises ``Refusal('account_not_settled')`` with ``reasons``, in the order of A4, commas between them."""
    reasons = [reason for reason, is_open in _UNSETTLED if is_open(account)]
    if reasons:
        raise Refusal("account_not_settled", "something of the account is still open", {"reasons": ",".join(reasons)})
