"""Wiring and unwiring the proxy. Stating what is stated already is accepted without an event."""

from __future__ import annotations

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.deployment.events import ProxyUnwired, ProxyWired
from usage_ledger.streams import deployment_stream


class DeploymentAnswer(msgspec.Struct, frozen=True):
    """What is stated now, and the version of the deployment's stream."""

    deployment: str
    wired: bool
    version: int


def wire_proxy(command: WireProxy, decision: Decision) -> DeploymentAnswer:  # noqa: ARG001 - it says all by its type
    """State that a metered proxy is wired (billing-mode 2), from now on."""
    return _state(wired=True, decision=decision)


def unwire_proxy(command: UnwireProxy, decision: Decision) -> DeploymentAnswer:  # noqa: ARG001
    """State that no metered proxy is wired (billing-mode 2), from now on."""
    return _state(wired=False, decision=decision)


def _state(*, wired: bool, decision: Decision) -> DeploymentAnswer:
    stream = deployment_stream()
    deployment = decision.get(Deployment, stream)
    if deployment.wired.latest != wired:
        decision.record(stream, ProxyWired(deployment.name) if wired else ProxyUnwired(deployment.name))
    deployment = decision.get(Deployment, stream)
    return DeploymentAnswer(deployment.name, deployment.wired.latest, deployment.version)
