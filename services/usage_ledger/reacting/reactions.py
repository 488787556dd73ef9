"""Which commands follow from which fact. Later facts that something waits for get their rule here.

A command's id is made of the event that causes it and of the attempts that it names, so the same reaction sent again,
by whatever worker, is the same command; and an attempt that was settled by another one is left alone (U1, U12).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.reacting.reaction_command import reaction_command
from usage_ledger.reacting.resolving_modes import CONCERNS, resolve_modes
from usage_ledger.reacting.unsettled import BEFORE_ALL, Suspended, Unsettled
from usage_ledger.reacting.wanted_lines import WANTED
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.submission import Submission
from usage_ledger.usage.commands import JudgeWaitingUsage, RateSuspendedUsage
from usage_ledger.workspaces.events import ProvisionDecided, WorkspaceRegistered

BATCH_ATTEMPTS: Final = 250
"""Of one group of commands: bounds how long a shard stays locked for what can wait."""

Reaction = Callable[[Envelope, Any, Unsettled], Iterator[list[Submission]]]


def reactions(envelope: Envelope, fact: EventPayload, unsettled: Unsettled) -> Iterator[list[Submission]]:
    """Groups of commands of one shard each. A group is to be appended before the next one is asked for."""
    return REACTIONS[type(fact)](envelope, fact, unsettled)


def _judge_waiting(
    envelope: Envelope, fact: WorkspaceRegistered | ProvisionDecided, unsettled: Unsettled
) -> Iterator[list[Submission]]:
    """Usage may come before its workspace does, and before its run is decided (U5).

    The index tells no runs apart: what waits for another run of the workspace is judged as well, and goes on waiting.
    """
    tenant, after = envelope.tenant, b""
    reason = "workspace_not_found" if isinstance(fact, WorkspaceRegistered) else "run_not_decided"
    while keys := unsettled.waiting(tenant, fact.workspace_id, reason, after, BATCH_ATTEMPTS):
        yield [reaction_command(envelope, tenant, keys, JudgeWaitingUsage(tuple(keys)))]
        after = keys[-1]


def _rate_suspended(envelope: Envelope, fact: EventPayload, unsettled: Unsettled) -> Iterator[list[Submission]]:
    """A fact about prices is one of the whole deployment: lines of every shard may have waited for it (U12)."""
    if isinstance(fact, PricingPolicySet) and fact.margin is None:
        return  # of a policy, only a margin makes a price of a cost (U9)
    unsettled.wait_for_decisions()
    wanted, after = WANTED[type(fact)](fact, unsettled), BEFORE_ALL
    while lines := unsettled.suspended(wanted, after, BATCH_ATTEMPTS):
        for _, of_shard in groupby(lines, key=lambda line: line.shard):
            yield _rate_accounts(envelope, of_shard)
        after = lines[-1]


REACTIONS: Final[Mapping[type[EventPayload], Reaction]] = {
    WorkspaceRegistered: _judge_waiting,
    ProvisionDecided: _judge_waiting,
    **dict.fromkeys(WANTED, _rate_suspended),
    **dict.fromkeys(CONCERNS, resolve_modes),
}
"""Any other event is nothing to react to."""


def _rate_accounts(envelope: Envelope, lines: Iterator[Suspended]) -> list[Submission]:
    submissions: list[Submission] = []
    for (tenant, account_id), of_account in groupby(lines, key=lambda line: (line.tenant, line.account_id)):
        keys = [line.key for line in of_account]
        submissions.append(reaction_command(envelope, tenant, keys, RateSuspendedUsage(account_id, tuple(keys))))
    return submissions
