"""ReleaseHold: the call was not made, so what is reserved for it is free again (H6)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.holds.answers import ReleasedAnswer, released_answer
from usage_ledger.accounts.holds.commands import ReleaseHold
from usage_ledger.accounts.holds.events import HoldReleased
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal


def release_hold(command: ReleaseHold, decision: Decision) -> ReleasedAnswer:
    """Free what an open hold reserves. Raises ``Refusal``: ``hold_not_found``, ``hold_not_open``."""
    account = holding_account(command.hold_id, decision)
    hold = account.holds.by_id.get(command.hold_id)
    if hold is None:
        state = decision.find_holds([command.hold_id])[command.hold_id].state
        raise Refusal("hold_not_open", f"the hold is {state}", {"hold_state": state})
    released = HoldReleased(
        account_id=account.account_id,
        currency=account.currency,
        hold_id=hold.hold_id,
        amount=hold.amount,
        reason=command.reason,
        balance_after=account.balance,
        held_after=account.held - hold.amount,
    )
    record_on_account(decision, account, released)
    return released_answer(released)


def holding_account(hold_id: str, decision: Decision) -> Account:
    """The account that a hold was placed on, current. Raises ``Refusal('hold_not_found')``."""
    found = decision.find_holds([hold_id]).get(hold_id)
    if found is None:
        raise Refusal("hold_not_found", "no hold of this id was placed")
    return current_account(decision, found.account_id)
