"""What the runs that usage names were decided to be: found together, and frozen whatever came afterwards.

A run is one workspace's. For usage of another one that names it nothing was decided, and nothing is guessed: whose mode
would it be that decides on whose account? It waits like usage of a run without a decision, until somebody decides it.
"""

from __future__ import annotations

from collections.abc import Iterable

from usage_ledger.deciding import Decision
from usage_ledger.usage.attempt import Attempt
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.run_decision import RUN, RunDecision, read_run_decision


class DecidedRuns:
    """The decisions of the runs that the attempts of one command name."""

    def __init__(self, decision: Decision, attempts: Iterable[Attempt]) -> None:
        named = set(filter(None, [attempt.item.run_id for attempt in attempts]))
        self._decided: dict[str, RunDecision] = {}
        if named:
            self._decided = {run: read_run_decision(text) for run, text in decision.claimed(RUN, named).items()}

    def resolution(self, run_id: str, workspace_id: str) -> Resolution | None:
        """None: nothing was decided for this run of this workspace."""
        decided = self._decided.get(run_id)
        return decided.resolution if decided is not None and decided.workspace_id == workspace_id else None
