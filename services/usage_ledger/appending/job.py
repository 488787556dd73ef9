"""A command that waits in the appender for its turn, and whoever waits for what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from usage_ledger.refusals import InvalidInput
from usage_ledger.submission import Outcome, Submission
from usage_ledger.usage.commands import RecordUsage


class InOrder:
    """Commands that were handed in together and whose order matters. Broken when what became of one is unknown."""

    __slots__ = ("broken",)

    def __init__(self) -> None:
        self.broken = False


class Job:
    """``items`` is how much work it is; ``future`` gives the outcome, or raises what it failed with."""

    __slots__ = ("future", "items", "sequence", "submission")

    def __init__(self, submission: Submission, sequence: InOrder | None) -> None:
        self.submission = submission
        self.sequence = sequence
        self.items = items_of(submission)
        self.future: Future[Outcome] = Future()


def items_of(submission: Submission) -> int:
    command = submission.command
    return len(command.attempts) if isinstance(command, RecordUsage) else 1


def answer(job: Job, outcome: Outcome | InvalidInput) -> None:
    if isinstance(outcome, InvalidInput):
        job.future.set_exception(outcome)
    else:
        job.future.set_result(outcome)


def follows_unknown(job: Job) -> bool:
    """Whether what became of a command before it in its order is unknown: that one has to come first."""
    return job.sequence is not None and job.sequence.broken


def leave_unknown(jobs: Sequence[Job], error: Exception) -> None:
    """What became of these is unknown, so none that follows one of them in its order may run."""
    # Sequences first: whoever waits for a future may send the sequence again as soon as it is set.
    for job in jobs:
        if job.sequence is not None:
            job.sequence.broken = True
    fail(jobs, error)


def fail(jobs: Sequence[Job], error: Exception) -> None:
    for job in jobs:
        job.future.set_exception(error)
