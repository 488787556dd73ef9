"""WireProxy and UnwireProxy: an operator's statement, and the default mode that follows from it."""

from __future__ import annotations

from domain.rehearsal import Rehearsal, answer_of
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.deployment.events import ProxyUnwired, ProxyWired
from usage_ledger.workspaces.commands import RegisterWorkspace, SelectModel

STREAM = "platform/deployment-default"


def test_each_change_of_the_statement_is_a_fact(ledger: Rehearsal) -> None:
    ledger.given(WireProxy(), UnwireProxy(), tenant="platform")
    assert ledger.events(STREAM) == [ProxyWired("default"), ProxyUnwired("default")]


def test_stating_what_is_stated_is_accepted_without_event(ledger: Rehearsal) -> None:
    ledger.given(UnwireProxy(), tenant="platform")
    assert ledger.events(STREAM) == []
    ledger.given(WireProxy(), tenant="platform")
    answer = answer_of(ledger.when(WireProxy(), tenant="platform"))
    assert answer == {"deployment": "default", "wired": True, "version": 1}
    assert len(ledger.events(STREAM)) == 1


def test_the_default_mode_follows_the_proxy(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("ws"))
    modes: list[str] = []
    for command in (WireProxy(), UnwireProxy()):
        ledger.given(command, tenant="platform")
        modes.append(answer_of(ledger.when(SelectModel("ws", "m")))["resolved_mode"])
    assert modes == ["platform_managed", "byok"]


def test_the_proxy_is_wired_from_the_instant_of_the_fact() -> None:
    deployment = Deployment()
    deployment.apply(ProxyWired("default"), 10)
    deployment.apply(ProxyUnwired("default"), 20)
    assert [deployment.wired_at(instant) for instant in (9, 10, 19, 20)] == [False, True, True, False]


def test_a_deployment_comes_back_from_its_snapshot_whole() -> None:
    seen = Deployment()
    seen.apply(ProxyWired("default"), 10)
    restored = Deployment.restore(seen.snapshot(), seen.version)
    assert (restored.version, restored.wired_at(9), restored.wired_at(10)) == (1, False, True)
    assert restored.snapshot() == seen.snapshot()
