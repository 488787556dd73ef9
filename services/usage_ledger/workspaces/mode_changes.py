"""Records what happens to a workspace one event after another, each with the mode before it and after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from usage_ledger.deciding import Decision
from usage_ledger.recorded_event import EventPayload
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.events import BillingModeResolved
from usage_ledger.workspaces.mode_at import Judged
from usage_ledger.workspaces.workspace import CurrentRun, Workspace


class ModeChanges:
    """``judged`` is what the rules answer with everything recorded so far; ``before`` None is no workspace yet.

    Facts are not read again: what a command changed is known from the command, and all else was looked at once.
    """

    def __init__(
        self, stream_id: str, judged: Judged, before: Resolution | None, run: CurrentRun | None, decision: Decision
    ) -> None:
        self._stream_id = stream_id
        self.judged = judged
        self._before = before
        self._run = run
        self._decision = decision

    def record(self, event: Callable[..., EventPayload], **facts: Any) -> int:
        """The event, called with ``before``, ``after``, ``states`` and ``faults``; ``facts`` are what it changes.

        Answers its position.
        """
        self.judged = self.judged.changed(**facts)
        reported = self.judged.reported(self._run)
        payload = event(before=self._before, after=reported.resolution, states=reported.states, faults=reported.faults)
        self._before = reported.resolution
        return self._decision.record(self._stream_id, payload)


def tell(
    workspace_id: str, workspace: Workspace, before: Resolution | None, judged: Judged, cause: str, decision: Decision
) -> bool:
    """Have the workspace's own stream say what a fact of another one made of it; False where it says so already.

    ``cause`` is the id of that fact's event.
    """
    after = judged.reported(workspace.current_run)
    if after == workspace.reported:
        return False
    resolved = BillingModeResolved(workspace_id, before, after.resolution, after.states, after.faults, cause)
    decision.record(workspace_stream(decision.tenant, workspace_id), resolved)
    return True
