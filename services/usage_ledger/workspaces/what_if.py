"""What would become of a workspace if a policy, a registry or a fact were another (billing-mode 13, question 5).

It is the resolver asked twice, as things are and as they would be; nothing is recorded, and nothing is changed.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from usage_ledger.workspaces.billing_mode import BillingMode
from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.policies import Policy
from usage_ledger.workspaces.resolver.provision import GateCode, failing_gates
from usage_ledger.workspaces.resolver.resolve import Resolved, resolve


class Situation(msgspec.Struct, frozen=True, gc=False):
    """All that the resolver looks at for one workspace. ``registry`` is None while it is unavailable."""

    facts: Facts
    registry: Registry | None
    policy: Policy


class Expected(msgspec.Struct, frozen=True, gc=False):
    """What the rules answer in a situation, and which gates a run would fail there, in their order."""

    resolved: Resolved
    failed_gates: tuple[GateCode, ...]


class Flip(msgspec.Struct, frozen=True, gc=False):
    """A mode that becomes another one."""

    before: BillingMode
    after: BillingMode

    @property
    def direction(self) -> str:
        """Such as ``byok_to_platform_managed``."""
        return f"{self.before}_to_{self.after}"


class WhatIf(msgspec.Struct, frozen=True, gc=False):
    """One workspace as it is and as it would be. ``flip`` is None where the mode stays."""

    today: Expected
    then: Expected
    flip: Flip | None

    @property
    def starts_costing_the_platform(self) -> bool:
        """Whether the platform would pay, and does not today."""
        return self.flip is not None and self.flip.after == "platform_managed"


def expected_in(situation: Situation) -> Expected:
    """The live answer, where the situation is today's."""
    facts, registry = situation.facts, situation.registry
    resolved = resolve(facts, registry, situation.policy)
    return Expected(resolved, tuple(failing_gates(facts, registry, resolved)))


def what_if(today: Situation, then: Situation) -> WhatIf:
    """The difference that ``then`` would make to one workspace."""
    before, after = expected_in(today), expected_in(then)
    modes = before.resolved.mode, after.resolved.mode
    return WhatIf(before, after, None if modes[0] == modes[1] else Flip(*modes))


class WhatIfSummary:
    """Counts over any number of workspaces; of the workspaces themselves it keeps nothing.

    ``failed_gates`` counts gates by code as they would fail, ``failed_gates_today`` as they fail now;
    ``failing_workspaces`` would fail at least one.
    """

    __slots__ = (
        "directions",
        "failed_gates",
        "failed_gates_today",
        "failing_workspaces",
        "platform_cost_starts",
        "workspaces",
    )

    def __init__(self) -> None:
        self.workspaces = 0
        self.directions: Counter[str] = Counter()
        self.failed_gates: Counter[GateCode] = Counter()
        self.failed_gates_today: Counter[GateCode] = Counter()
        self.failing_workspaces = 0
        self.platform_cost_starts = 0

    def add(self, answer: WhatIf) -> None:
        """Count one workspace."""
        self.workspaces += 1
        if answer.flip is not None:
            self.directions[answer.flip.direction] += 1
        self.failed_gates.update(answer.then.failed_gates)
        self.failed_gates_today.update(answer.today.failed_gates)
        self.failing_workspaces += bool(answer.then.failed_gates)
        self.platform_cost_starts += answer.starts_costing_the_platform
