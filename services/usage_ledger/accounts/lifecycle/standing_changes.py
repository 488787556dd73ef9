"""Suspend, resume, close: what an account answers when its standing is to change (A3, A4)."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.lifecycle.answers import StatusAnswer, status_answer
from usage_ledger.accounts.lifecycle.closing import require_settled
from usage_ledger.accounts.lifecycle.commands import CloseAccount, ResumeAccount, SuspendAccount
from usage_ledger.accounts.lifecycle.events import AccountClosed, AccountSuspended
from usage_ledger.accounts.lifecycle.standing import require_not_closed
from usage_ledger.accounts.lifecycle.suspending import resumed, suspended
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream

REASONS_MAX: Final = 32
"""Every event about them names them all. What suspends by itself, a fee or a dispute, is not counted out."""


def suspend_account(command: SuspendAccount, decision: Decision) -> StatusAnswer:
    """Add a reason; one that is there already is no event.

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``too_many_reasons``.
    """
    account = current_account(decision, command.account_id)
    require_not_closed(account)
    for event in suspended(account, command.reason):
        _require_room(event)
        decision.record(account_stream(decision.tenant, account.account_id), event)
    return status_answer(account)


def resume_account(command: ResumeAccount, decision: Decision) -> StatusAnswer:
    """Remove a reason; one that is not there is no event. Refused: ``account_not_found``, ``account_closed``."""
    account = current_account(decision, command.account_id)
    require_not_closed(account)
    for event in resumed(account, command.reason):
        decision.record(account_stream(decision.tenant, account.account_id), event)
    return status_answer(account)


def close_account(command: CloseAccount, decision: Decision) -> StatusAnswer:
    """Close it for good. Refused: ``account_not_found``, ``account_closed``, ``account_not_settled`` (A4)."""
    account = current_account(decision, command.account_id)
    require_not_closed(account)
    require_settled(account)
    decision.record(
        account_stream(decision.tenant, account.account_id), AccountClosed(account.account_id, command.reason)
    )
    return status_answer(account)


def _require_room(event: AccountSuspended) -> None:
    if len(event.reasons) > REASONS_MAX:
        raise Refusal("too_many_reasons", f"an account is suspended for at most {REASONS_MAX} reasons")
