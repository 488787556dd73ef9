"""AuthorizeBillTo and RevokeBillTo: a payer says whose usage it pays for (U15)."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.bill_to.commands import AuthorizeBillTo, RevokeBillTo
from usage_ledger.accounts.bill_to.events import BillToAuthorized, BillToRevoked
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.lifecycle.standing import require_not_closed
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount, parse_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import account_stream
from usage_ledger.timeline import format_instant

BENEFICIARIES_MAX: Final = 1_000
"""Of one payer, those whose authority has ended too: late usage is judged by it."""


class BillToAnswer(msgspec.Struct, frozen=True):
    """What the payer allows the beneficiary now. ``cap`` and ``expires_at`` None mean without end."""

    account_id: str
    beneficiary: str
    authorized: bool
    cap: str | None
    expires_at: str | None
    charged: str
    currency: str


def authorize_bill_to(command: AuthorizeBillTo, decision: Decision) -> BillToAnswer:
    """Allow it from now on; saying what holds already is accepted without an event.

    Raises ``Refusal``: ``account_not_found`` (of either), ``account_closed``, ``currency_mismatch``,
    ``expires_in_past``, ``too_many_beneficiaries``; ``InvalidInput``: ``invalid_value`` (an account needs no authority
    of its own), ``invalid_limit`` and the codes of ``parse_amount``.
    """
    if command.beneficiary == command.account_id:
        raise InvalidInput("invalid_value", "an account needs no authority of its own", "/beneficiary")
    account = current_account(decision, command.account_id)
    require_not_closed(account)
    _require_beneficiary(command.beneficiary, decision)
    cap = _cap(command, account)
    if command.expires_at is not None and command.expires_at <= decision.recorded_at:
        raise Refusal("expires_in_past", "the authority would never hold")
    standing = account.bill_to.at(command.beneficiary, decision.recorded_at)
    if standing is None or (standing.cap, standing.expires_at) != (cap, command.expires_at):
        _require_room(account, command.beneficiary)
        given = BillToAuthorized(account.account_id, account.currency, command.beneficiary, cap, command.expires_at)
        decision.record(account_stream(decision.tenant, account.account_id), given)
    return _answer(account, command.beneficiary, decision.recorded_at)


def revoke_bill_to(command: RevokeBillTo, decision: Decision) -> BillToAnswer:
    """End it from now on; ending what has ended is accepted without an event.

    Raises ``Refusal``: ``account_not_found``, ``bill_to_not_found`` when it never was.
    """
    account = current_account(decision, command.account_id)
    if command.beneficiary not in account.bill_to.authorities:
        raise Refusal("bill_to_not_found", "the account never allowed this")
    if account.bill_to.at(command.beneficiary, decision.recorded_at) is not None:
        ended = BillToRevoked(account.account_id, command.beneficiary)
        decision.record(account_stream(decision.tenant, account.account_id), ended)
    return _answer(account, command.beneficiary, decision.recorded_at)


def _require_beneficiary(account_id: str, decision: Decision) -> None:
    if not decision.get(Account, account_stream(decision.tenant, account_id)).version:
        raise Refusal("account_not_found", "no account of this id was opened", {"account_id": account_id})


def _require_room(account: Account, beneficiary: str) -> None:
    authorities = account.bill_to.authorities
    if beneficiary not in authorities and len(authorities) >= BENEFICIARIES_MAX:
        raise Refusal("too_many_beneficiaries", f"an account pays for at most {BENEFICIARIES_MAX} others, ever")


def _cap(command: AuthorizeBillTo, account: Account) -> int | None:
    if command.currency not in (None, account.currency):
        raise Refusal("currency_mismatch", "the account has another currency", {"currency": account.currency})
    if command.cap is None:
        return None
    cap = parse_amount(command.cap, "/cap")
    if cap < 0:
        raise InvalidInput("invalid_limit", "a cap is not negative", "/cap")
    return cap


def _answer(account: Account, beneficiary: str, now: int) -> BillToAnswer:
    latest = account.bill_to.authorities[beneficiary][-1]
    return BillToAnswer(
        account_id=account.account_id,
        beneficiary=beneficiary,
        authorized=latest.stands_at(now),
        cap=None if latest.cap is None else format_amount(latest.cap),
        expires_at=None if latest.expires_at is None else format_instant(latest.expires_at),
        charged=format_amount(latest.charged),
        currency=account.currency,
    )
