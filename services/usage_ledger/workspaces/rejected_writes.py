"""A credential name that was refused, judged again by another policy from the facts of then (billing-mode 13.11)."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from usage_ledger.workspaces.events import CredentialScope
from usage_ledger.workspaces.mode_at import judged_at
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import model_input, runtime_input
from usage_ledger.workspaces.resolver.key_write import KeyRefused, refuse_key
from usage_ledger.workspaces.resolver.policies import Policy


class RejectedWrite(NamedTuple):
    """``recorded_at`` is microseconds UTC. ``at_creation``: the workspace was to begin with it.

    ``model`` and ``runtime`` are those that the whole command would have left.
    """

    scope: CredentialScope
    name: str
    model: str | None
    runtime: str | None
    at_creation: bool
    recorded_at: int


def refused_under(policy: Policy, write: RejectedWrite, sources: ModeSources) -> KeyRefused | None:
    """What this policy would have answered; None: it would have accepted the name.

    ``sources`` hold what was recorded by then. Of a workspace that did not begin, other names of the same command are
    not known: they would only matter where several providers match its model.
    """
    judged = judged_at(sources, write.recorded_at)
    return refuse_key(write.name, write.scope, _would_be(write, judged.facts), judged.registry, policy)


def _would_be(write: RejectedWrite, facts: Facts) -> Facts:
    credentials = facts.credentials.with_names(write.scope, facts.credentials.of(write.scope) | {write.name})
    would_be = msgspec.structs.replace(facts, credentials=credentials)
    if not write.at_creation:
        return would_be
    return msgspec.structs.replace(would_be, model=model_input(write.model), runtime=runtime_input(write.runtime))
