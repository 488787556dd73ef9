"""An outcome of the demo with which everything is in order, to be spoilt by tests."""

from datetime import datetime

from usage_ledger.entrypoints.demo.hostile import HostileOutcome
from usage_ledger.entrypoints.demo.limit import LimitOutcome, Step
from usage_ledger.entrypoints.demo.performance import ModeChange, Outcome
from usage_ledger.entrypoints.demo.rehearsal import Move, Rehearsal
from usage_ledger.entrypoints.demo.scene import CREDITED_NANO, scene
from usage_ledger.entrypoints.demo.survey import Survey
from usage_ledger.entrypoints.demo.view_figures import (
    AccountFigures,
    ModeFigures,
    UsageFigures,
    ViewFigures,
    WorkspaceFigures,
)
from usage_ledger.gateway.tally import Tally

CHARGED = 1_500_000_000
LIMIT_STEPS = tuple(Step("asked", answer, "why") for answer in ("201", "402", "201", "201", "200", "200"))


def in_order(**changes):
    """Three calls of one workspace, and one hostile item that was accepted free of charge."""
    members = {
        "scene": scene("demo-1", 2),
        "survey": Survey(3, 300, 30, {datetime.fromisoformat("2023-11-16 18:17"): 330}),
        "tally": Tally(accepted=3, input_tokens=300, output_tokens=30, charged=CHARGED, ack_ms=[5.0]),
        "seconds": 0.5,
        "changes": [ModeChange("platform_managed", "byok", "workspace_override")],
        "rehearsal": Rehearsal(2, [Move("ws-01", "byok", "platform_managed")], 1),
        "hostile": HostileOutcome(Tally(accepted=1), {"ordinary": "accepted"}, {"ordinary": "accepted"}, "0-9"),
        "limit": LimitOutcome(LIMIT_STEPS, 0, "0-8"),
        "visible_s": 0.1,
        "has_caught_up": True,
        "views": views(),
        "explained": None,
    }
    return Outcome(**{**members, **changes})


def views(**changes):
    left = CREDITED_NANO - CHARGED
    members = {
        "trace": UsageFigures(3, 300, 30, CHARGED),
        "hostile": UsageFigures(1, 1, 1, 0),
        "held": 0,
        "accounts": [AccountFigures("search-team", "USD", left, 0, CREDITED_NANO, CHARGED, 2)],
        "workspaces": [WorkspaceFigures("ws-01", "platform_managed", "search-team", 3, 330, CHARGED)],
        "modes": [ModeFigures("platform_managed", "search-team", 3, 330, CHARGED), ModeFigures("byok", "", 0, 0, 0)],
    }
    return ViewFigures(**{**members, **changes})
