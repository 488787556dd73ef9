"""Today's answer, and that of every instant: the resolver asked with the facts that a workspace keeps so far.

No registry version is in force and no policy but the default, so nothing but the override and the proxy can move the
answer: there are eight questions. Usage asks them for every workspace of every batch: each is answered once.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import msgspec

from usage_ledger.workspaces.billing_mode import MODES, POLICY, BillingMode, Resolution
from usage_ledger.workspaces.resolver.facts import NO_FACTS
from usage_ledger.workspaces.resolver.inputs import ABSENT, Input
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.resolve import Resolved
from usage_ledger.workspaces.resolver.resolve import resolve as resolve_facts


def resolved(override: BillingMode | None, wired: bool) -> Resolved:
    """The mode of a workspace with this override on a deployment with or without a wired proxy, with its trail."""
    return _RESOLVED[override, wired]


def resolve(override: BillingMode | None, wired: bool) -> Resolution:
    """The same answer as events keep it."""
    return _RESOLUTIONS[override, wired]


def _resolved(override: BillingMode | None, wired: bool) -> Resolved:
    chosen = ABSENT if override is None else Input("recognised", override)
    facts = msgspec.structs.replace(NO_FACTS, override=chosen, is_proxy_wired=wired)
    return resolve_facts(facts, registry=None, policy=POLICIES[POLICY])


_QUESTIONS: Final[list[tuple[BillingMode | None, bool]]] = list(product((None, *MODES), (False, True)))
_RESOLVED: Final = {asked: _resolved(*asked) for asked in _QUESTIONS}
_RESOLUTIONS: Final = {asked: answer.resolution() for asked, answer in _RESOLVED.items()}
