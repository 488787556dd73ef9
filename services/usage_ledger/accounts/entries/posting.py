"""Manual entries: checked like every other, by an actor who gives a reason, and never on a control account (J2, J4)."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.entries.commands import EntryLine, PostEntry
from usage_ledger.accounts.entries.events import EntryPosted
from usage_ledger.accounts.journal import JournalLine, Side, require_lines
from usage_ledger.accounts.lifecycle.standing import require_not_closed
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount, parse_amount
from usage_ledger.refusals import Refusal


class PostedLine(msgspec.Struct, frozen=True):
    """``amount`` is decimal text in the account's currency."""

    account_code: int
    side: Side
    amount: str


class PostedAnswer(msgspec.Struct, frozen=True):
    """The entry as it was posted, its lines in the order in which they are kept (J3)."""

    account_id: str
    currency: str
    lines: tuple[PostedLine, ...]


def post_entry(command: PostEntry, decision: Decision) -> PostedAnswer:
    """Post an entry by hand.

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, and J2's in its order: ``entry_too_short``,
    ``amount_not_positive``, ``unknown_account_code``, ``control_account``, ``foreign_account_line``,
    ``amount_out_of_range``, ``entry_unbalanced``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    account = current_account(decision, command.account_id)
    require_not_closed(account)
    lines = tuple(_line(line, number) for number, line in enumerate(command.lines))
    require_lines("manual", lines)
    _require_own(account, command.lines)
    posted = EntryPosted(
        account_id=account.account_id,
        currency=account.currency,
        reason=command.reason,
        entries=(account.entry("manual", lines),),
        balance_after=account.balance,
        held_after=account.held,
    )
    record_on_account(decision, account, posted)
    return _answer(posted)


def _line(line: EntryLine, number: int) -> JournalLine:
    return JournalLine(line.account_code, line.side, parse_amount(line.amount, f"/lines/{number}/amount"))


def _require_own(account: Account, lines: tuple[EntryLine, ...]) -> None:
    if any(line.account_id not in (None, account.account_id) for line in lines):
        raise Refusal("foreign_account_line", "an entry moves the money of one account only")


def _answer(posted: EntryPosted) -> PostedAnswer:
    lines = (PostedLine(line.code, line.side, format_amount(line.amount)) for line in posted.entries[0].lines)
    return PostedAnswer(posted.account_id, posted.currency, tuple(lines))
