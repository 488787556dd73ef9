"""The command that does what is due, as the scheduler sends it: to an account, or to what was announced.

It is stored nowhere: its effect is in the state, which says afterwards that nothing is due any more. So the same
command sent twice, late or from two places finds nothing left to do, and events that it appends carry the ids of the
changes themselves, whoever was first (C6).
"""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.commands import ApplyDueChanges
from usage_ledger.appending.command_decision import CLOCK
from usage_ledger.due_places import GOVERNANCE_DUE
from usage_ledger.governance.commands import TakeGovernanceEffect
from usage_ledger.scheduling.due_accounts import DueAccount
from usage_ledger.submission import Outcome, Submission


class _Done(msgspec.Struct, frozen=True):
    """What every answer says: how many events that appended, and when something is due next, microseconds UTC."""

    appended: int
    next_due: int | None


_answer = msgspec.json.Decoder(_Done)


def due_command(due: DueAccount) -> Submission:
    command_id = f"due/{due.account_id}/{due.next_due}"
    is_governance = due.account_id == GOVERNANCE_DUE
    return Submission(
        command=TakeGovernanceEffect() if is_governance else ApplyDueChanges(due.account_id),
        tenant=due.tenant,
        source=CLOCK.id,
        command_id=command_id,
        actor=CLOCK,
        correlation_id=command_id,
        request_hash=None,
    )


def is_stuck(due: DueAccount, outcome: Outcome) -> bool:
    """Whether it is as it was, and still due: asked again at once it would only hide the others."""
    if outcome.outcome != "accepted":
        return True
    answer = _answer.decode(outcome.answer)
    return not answer.appended and answer.next_due is not None and answer.next_due <= due.next_due
