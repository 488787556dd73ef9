"""What a change of policy would do to the demo's workspaces, asked while one of them goes by its own choice.

P5 reads no choices of workspaces: whoever made one would be moved without a word, which is why one asks before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from usage_ledger.entrypoints.demo.scene import Scene
from usage_ledger.gateway.service import LedgerService

POLICY: Final = "P5"


class Move(NamedTuple):
    """A workspace that would be billed in another mode."""

    workspace_id: str
    before: str
    after: str


class Rehearsal(NamedTuple):
    """``workspaces`` were asked about; ``platform_cost_starts`` of them would begin to cost the platform."""

    workspaces: int
    moves: Sequence[Move]
    platform_cost_starts: int


def rehearse_policy(admin: LedgerService, scene: Scene) -> Rehearsal:
    """Changes nothing. Raises RequestRefused, DependencyUnreachable."""
    answer = admin.write("POST", "/v1/what-if/billing-mode", {"policy": POLICY})
    moves = [Move(flip["workspace_id"], flip["from"], flip["to"]) for flip in answer["flips"]]
    played = [move for move in moves if move.workspace_id in scene.workspaces]
    return Rehearsal(answer["workspaces"], played, answer["platform_cost_starts"])
