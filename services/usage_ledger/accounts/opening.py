"""How an account is opened."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.answers import AccountAnswer, opened_answer
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.events import AccountOpened
from usage_ledger.deciding import Decision
from usage_ledger.money import parse_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import account_stream
from usage_ledger.zones import time_zone


def open_account(command: OpenAccount, decision: Decision) -> AccountAnswer:
    """Begin an account (A1, A2): prepaid, zone UTC and no overdraft unless the command says otherwise.

    Raises ``Refusal('account_exists')``; ``InvalidInput``: ``invalid_tier``, ``invalid_zone``, ``invalid_limit`` and
    the codes of ``parse_amount``.
    """
    opened = _opened(command)
    stream = account_stream(decision.tenant, command.account_id)
    account = decision.get(Account, stream)
    if account.version:
        raise Refusal("account_exists", "an account of this id was opened before")
    decision.record(stream, opened)
    return opened_answer(opened, account.version)


def _opened(command: OpenAccount) -> AccountOpened:
    if (command.tier is None) == (command.owner_kind == "platform_service"):
        raise InvalidInput("invalid_tier", "a platform_service account has a tier, no other account has one", "/tier")
    return AccountOpened(
        account_id=command.account_id,
        owner_kind=command.owner_kind,
        tier=command.tier,
        funding=command.funding or "prepaid",
        currency=command.currency,
        zone=_zone(command.zone or "UTC"),
        overdraft_limit=_limit(command.overdraft_limit, "/overdraft_limit") or 0,
        credit_limit=_limit(command.credit_limit, "/credit_limit"),
        members=command.members,
        workspaces=command.workspaces,
    )


def _zone(name: str) -> str:
    """The name, if it is one of the time zone table's."""
    try:
        time_zone(name)
    except LookupError:
        raise InvalidInput("invalid_zone", "expected an IANA time zone such as Europe/Berlin", "/zone") from None
    return name


def _limit(text: str | None, pointer: str) -> int | None:
    if text is None:
        return None
    limit = parse_amount(text, pointer)
    if limit < 0:
        raise InvalidInput("invalid_limit", "a limit is not negative", pointer)
    return limit
