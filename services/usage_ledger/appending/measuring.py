"""What the appender tells Prometheus, once a group and after its commit: nothing here is done per item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from usage_ledger.appending.group import Group
from usage_ledger.refusals import InvalidInput
from usage_ledger.submission import Outcome, Submission
from usage_ledger_schemas import metrics


def observe_group(
    group: Group, submissions: Sequence[Submission], outcomes: Sequence[Outcome | InvalidInput], seconds: float
) -> None:
    metrics.append_group_commands.observe(len(submissions))
    metrics.append_group_events.observe(len(group.batch.events))
    metrics.append_group_seconds.observe(seconds)
    for (command, outcome), times in _commands(submissions, outcomes).items():
        metrics.commands_total.labels(command, outcome).inc(times)
    for status, times in group.item_statuses.items():
        metrics.usage_items_total.labels(status).inc(times)
    _observe_repeats(group, outcomes)


def _commands(
    submissions: Sequence[Submission], outcomes: Sequence[Outcome | InvalidInput]
) -> Counter[tuple[str, str]]:
    return Counter(
        (type(submission.command).__name__, "invalid" if isinstance(outcome, InvalidInput) else outcome.outcome)
        for submission, outcome in zip(submissions, outcomes, strict=True)
    )


def _observe_repeats(group: Group, outcomes: Sequence[Outcome | InvalidInput]) -> None:
    replayed = sum(1 for outcome in outcomes if isinstance(outcome, Outcome) and outcome.replayed)
    metrics.dedupe_hits_total.labels("command").inc(replayed)
    metrics.dedupe_hits_total.labels("attempt").inc(group.item_statuses["duplicate"])
