"""What a group's commands name: looked up in the store as soon as their shards are locked, all of it at once."""

from __future__ import annotations

from collections.abc import Sequence

from usage_ledger.accounts.holds.commands import SettleHold
from usage_ledger.appending.business_keys import run_digests
from usage_ledger.appending.command_decision import command_digest
from usage_ledger.appending.hold_rows import digests_named
from usage_ledger.store import Named
from usage_ledger.submission import Submission
from usage_ledger.usage.commands import RecordUsage


def named_by(submissions: Sequence[Submission]) -> Named:
    """Commands that are remembered, attempts, holds and runs; each hold and run once."""
    return Named(
        commands=[command_digest(each) for each in submissions if each.request_hash is not None],
        attempts=[key for each in submissions for key in _dedupe_keys(each)],
        holds=list({digest for each in submissions for digest in digests_named(each.command, each.tenant)}),
        business_keys=list({digest for each in submissions for digest in run_digests(each.command, each.tenant)}),
    )


def _dedupe_keys(submission: Submission) -> list[bytes]:
    command = submission.command
    if isinstance(command, RecordUsage):
        return command.dedupe_keys()
    if isinstance(command, SettleHold):
        return command.dedupe_keys(submission.tenant, submission.source, submission.command_id)
    return []
