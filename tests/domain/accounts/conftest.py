"""Accounts in few words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.accounts.charged import usage_charged
from domain.given import Fact, Given, LedgerInMemory
from usage_ledger.accounts.account import Account

STREAM = "acme/account-main"
Charge = Callable[..., None]


@pytest.fixture
def account(ledger: LedgerInMemory) -> Account:
    """The account ``main``; blank until a test opens it."""
    return ledger.get(Account, STREAM)


@pytest.fixture
def charge(given: Given, account: Account) -> Charge:
    """Record usage of these nano-units, one line each."""
    return lambda *amounts: given(Fact(STREAM, usage_charged(account, *amounts)))
