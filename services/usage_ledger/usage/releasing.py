"""What an operator says about one item in quarantine, by name: this account pays for it, or it is given up (U5)."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream, quarantine_stream
from usage_ledger.usage.answer import ItemAnswer
from usage_ledger.usage.attempt_digests import attempt_key
from usage_ledger.usage.booked_line import accepted, book_line
from usage_ledger.usage.booking import record_held
from usage_ledger.usage.commands import AssignPayer, DiscardQuarantined
from usage_ledger.usage.events import Disposition, PayerAssigned, QuarantinedDiscarded
from usage_ledger.usage.kept_usage import waiting_usage
from usage_ledger.usage.route import Hindrance
from usage_ledger.usage.routing import Routing


class DiscardedAnswer(msgspec.Struct, frozen=True):
    """What was given up."""

    item: str
    source: str
    disposition: Disposition


def assign_payer(command: AssignPayer, decision: Decision) -> ItemAnswer:
    """Book a waiting item at the cost of the account: ``missing_reason``, ``account_not_found``.

    ``attempt_not_found`` when nothing of this name was taken, ``already_decided`` when it does not wait. Its mode still
    decides whether anybody pays: ``mode_disabled``, ``payer_not_required``. ``amount_out_of_range`` beyond 64 bits.
    """
    reason = _reason(command)
    if not decision.get(Account, account_stream(decision.tenant, command.account_id)).version:
        raise Refusal("account_not_found", f"account {command.account_id} does not exist")
    key = attempt_key(decision.tenant, command.source, command.item)
    waiting = waiting_usage(decision, [key])
    if not waiting:
        raise _not_waiting(key, decision)
    attempt = waiting[0].attempt
    routing = Routing(decision, [attempt], assigned=command.account_id)
    route = routing.route(attempt)
    if isinstance(route, Hindrance):
        raise Refusal(route.reason, "by its workspace's mode nobody pays for this usage")
    amounts = book_line(attempt, route)
    assigned = PayerAssigned(command.item, command.source, attempt.workspace_id, command.account_id, reason)
    decision.record(quarantine_stream(decision.tenant), assigned)
    record_held(routing.bookings, decision)
    return accepted(attempt, route, amounts)


def discard_quarantined(command: DiscardQuarantined, decision: Decision) -> DiscardedAnswer:
    """Give up an item that waits, or else one that was rejected: ``missing_reason``.

    ``attempt_not_found`` when nothing of this name is known, ``already_decided`` when it was booked or given up. The id
    of an item that waited stays taken: what its sender may send again is a duplicate.
    """
    reason = _reason(command)
    key = attempt_key(decision.tenant, command.source, command.item)
    kept = decision.quarantined([key])
    disposition: Disposition = "waiting" if (key, "waiting") in kept else "rejected"
    found = kept.get((key, disposition))
    if found is None:
        raise _not_waiting(key, decision)
    discarded = QuarantinedDiscarded(command.item, command.source, found.workspace_id, disposition, reason)
    position = decision.record(quarantine_stream(decision.tenant), discarded)
    if disposition == "waiting":
        decision.move_attempts([key], position)
    return DiscardedAnswer(command.item, command.source, disposition)


def _reason(command: AssignPayer | DiscardQuarantined) -> str:
    reason = command.reason.strip()
    if not reason:
        raise Refusal("missing_reason", "what is decided by hand needs a reason")
    return reason


def _not_waiting(key: bytes, decision: Decision) -> Refusal:
    if key in decision.holders([key]):
        return Refusal("already_decided", "the item was booked or given up before")
    return Refusal("attempt_not_found", "nothing of this id and source is in quarantine")
