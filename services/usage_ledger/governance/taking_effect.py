"""TakeGovernanceEffect: the time of what was announced has come, and becomes a fact of its own (billing-mode 2).

Nothing judges by this event: a policy or a registry counts from its time on. It is what others react to.
"""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.governance.commands import TakeGovernanceEffect
from usage_ledger.governance.events import GovernanceTookEffect
from usage_ledger.governance.governance import Governance
from usage_ledger.streams import governance_stream
from usage_ledger.timeline import END

INSTANTS_MAX: Final = 100
"""Of one append: bounds how long the shard of all facts stays locked."""


class GovernanceEffectAnswer(msgspec.Struct, frozen=True):
    """How many instants have come, and when the next one does, microseconds UTC; None if none is announced."""

    appended: int
    next_due: int | None


def take_governance_effect(_: TakeGovernanceEffect, decision: Decision) -> GovernanceEffectAnswer:
    """An event an instant, under an id of its own: twice, late or in two places it is the same one."""
    stream = governance_stream()
    governance = decision.get(Governance, stream)
    version = governance.version
    while governance.next_due <= decision.recorded_at and governance.version < version + INSTANTS_MAX:
        due = governance.next_due
        decision.record_due(stream, GovernanceTookEffect(due), f"governance-effect/{due}", due)
    next_due = None if governance.next_due == END else governance.next_due
    return GovernanceEffectAnswer(governance.version - version, next_due)
