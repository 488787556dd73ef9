"""What a run was decided to be, as its business key keeps it, so that money finds it by the run's id (billing-mode 10).

A run's id is its tenant's: whoever names it need not say which workspace it started.
"""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.workspaces.billing_mode import Resolution

RUN: Final = "run"
"""The kind of business key that a decided run claims."""


class RunDecision(msgspec.Struct, frozen=True):
    """Frozen for ever: no later fact, policy or registry alters it."""

    workspace_id: str
    resolution: Resolution

    def text(self) -> str:
        """As the business key keeps it."""
        return msgspec.json.encode(self).decode()


def read_run_decision(text: str) -> RunDecision:
    """What ``text`` wrote."""
    return msgspec.json.decode(text, type=RunDecision)
