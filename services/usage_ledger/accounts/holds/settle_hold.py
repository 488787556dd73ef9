"""SettleHold: what a call came to, as one usage item or as an amount that is booked as given (H5).

It is RecordUsage that names the hold: one that is not open is charged all the same, and the answer says what it was
(H7).
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.holds.answers import SettledAnswer, settled_answer
from usage_ledger.accounts.holds.commands import SettleHold
from usage_ledger.deciding import Decision, HoldFound
from usage_ledger.money import parse_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.timeline import datetime_of
from usage_ledger.usage.answer import usage_answer
from usage_ledger.usage.attempt import prepare
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.item import UsageItem
from usage_ledger.usage.recording import Recording

_STATED_MODEL: Final = "stated"


def settle_hold(command: SettleHold, decision: Decision) -> SettledAnswer:
    """Charge the call in full, and close its hold unless it is not ``final``.

    The outcome is that of the item, as of RecordUsage. Raises ``Refusal``: ``hold_not_found``, ``currency_mismatch``,
    ``amount_not_positive`` (below zero); ``InvalidInput``: ``missing_field``, ``invalid_value``, the codes of
    ``parse_amount``.
    """
    found = _find(command, decision)
    account = current_account(decision, found.account_id)
    stated = _stated(command, account)
    item = _item(command, found, decision)
    attempt = prepare(item, decision.tenant, decision.source)
    recording = Recording(RecordUsage((attempt,), final=command.final), decision)
    answered = recording.judge(attempt, stated)
    answer = usage_answer([answered], recording.record())
    named = recording.routing.named_hold(command.hold_id, found.workspace_id)
    return settled_answer(answer, account, named)


def _find(command: SettleHold, decision: Decision) -> HoldFound:
    if (command.item is None) == (command.amount is None):
        code = "missing_field" if command.item is None else "invalid_value"
        raise InvalidInput(code, "say either what was used or the amount that is charged for it", "/amount")
    found = decision.find_holds([command.hold_id]).get(command.hold_id)
    if found is None:
        raise Refusal("hold_not_found", "no hold of this id was placed")
    return found


def _stated(command: SettleHold, account: Account) -> int | None:
    if command.amount is None:
        return None
    if command.currency not in (None, account.currency):
        raise Refusal("currency_mismatch", "the account has another currency", {"currency": account.currency})
    amount = parse_amount(command.amount, "/amount")
    if amount < 0:
        raise Refusal("amount_not_positive", "the amount is not below zero")
    return amount


def _item(command: SettleHold, found: HoldFound, decision: Decision) -> UsageItem:
    """The item, naming the hold; for an amount one that says nothing but whose it is and when."""
    if command.item is None:
        return UsageItem(
            id=command.stated_id(decision.command_id),
            workspace_id=found.workspace_id,
            occurred_at=datetime_of(decision.recorded_at),
            model=_STATED_MODEL,
            usage={},
            hold_id=command.hold_id,
        )
    if command.item.tenant not in (None, decision.tenant):
        raise InvalidInput("invalid_value", "the hold's tenant is named beside the item", "/item/tenant")
    if command.item.hold_id not in (None, command.hold_id):
        raise InvalidInput("invalid_value", "the item names another hold", "/item/hold_id")
    if command.item.workspace_id != found.workspace_id:
        raise InvalidInput("invalid_value", "the hold is another workspace's", "/item/workspace_id")
    return replace(command.item, hold_id=command.hold_id)
