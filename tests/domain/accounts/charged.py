"""Usage of an account as it would be recorded, for tests of what is not about prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.given import NOON
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.events import ChargeLine, UsageRecorded
from usage_ledger.accounts.usage_entries import usage_entries


def usage_charged(account: Account, *amounts: int, capability: str = "chat", suspense: int = 0) -> UsageRecorded:
    """The event that charges these lines (nano-units) to the account as it stands."""
    return usage_charged_by(account, amounts, {capability: sum(amounts)}, suspense)


def usage_charged_by(
    account: Account, amounts: Sequence[int], charged_by_capability: Mapping[str, int], suspense: int = 0
) -> UsageRecorded:
    charge = account.charge(amounts)
    return UsageRecorded(
        account_id=account.account_id,
        currency=account.currency,
        prices=(),
        decisions=(),
        lines=tuple(_line(number, amount) for number, amount in enumerate(amounts)),
        charged=sum(amounts),
        allocations=charge.allocations,
        entries=usage_entries(account, charge, charged_by_capability, suspense),
        balance_after=charge.balance_after,
        held_after=account.held,
    )


def _line(number: int, charged: int) -> ChargeLine:
    return ChargeLine(f"attempt-{number}", NOON, 0, 0, "charged", 0, 0, 0, charged, None, None)
