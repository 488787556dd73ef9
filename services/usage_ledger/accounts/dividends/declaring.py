"""Pool and recipients of a dividend are frozen when it is declared: who comes later has no share (C16)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.credits.incoming import require_creditable
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.dividends.answers import DividendAnswer, dividend_answer
from usage_ledger.accounts.dividends.commands import DeclareDividend
from usage_ledger.accounts.dividends.events import DividendDeclared
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import split_pool
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import account_stream, dividend_stream


def declare_dividend(command: DeclareDividend, decision: Decision) -> DividendAnswer | Repeated:
    """Freeze a dividend (M5, C16).

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``credits_not_applicable`` for a recipient that
    could not take it, ``currency_mismatch``, ``amount_not_positive``, ``dividend_conflict``; ``InvalidInput``:
    ``duplicate_recipient`` and the codes of ``parse_amount``.
    """
    if len(set(command.recipients)) < len(command.recipients):
        raise InvalidInput("duplicate_recipient", "a recipient has one share", "/recipients")
    decision.preload(Account, [account_stream(decision.tenant, each) for each in command.recipients])
    accounts = [current_account(decision, each) for each in command.recipients]
    currency = accounts[0].currency
    if any(account.currency != currency for account in accounts):
        raise Refusal("currency_mismatch", "the recipients' accounts have several currencies", {"currency": currency})
    pool = positive_amount(accounts[0], command.pool, command.currency, "/pool")
    first = decision.claim("dividend", command.dividend_id, f"{pool} {' '.join(command.recipients)}")
    if first is not None:
        return Repeated(first)
    for account in accounts:
        require_creditable(account)
    share, remainder = split_pool(pool, len(accounts))
    declared = DividendDeclared(command.dividend_id, currency, pool, command.recipients, share, remainder)
    decision.record(dividend_stream(decision.tenant, command.dividend_id), declared)
    return dividend_answer(declared)
