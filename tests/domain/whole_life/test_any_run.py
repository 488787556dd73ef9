"""Whatever is recorded afterwards, usage of a run is paid as the run was decided (billing-mode 14).

Every sequence of commands that can move a mode, on the in-memory ledger with the real appender. After each of them the
same run consumes, and the same instant of the past is consumed in without a run: who pays never changes for either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.rehearsal import SECOND, Rehearsal, answer_of
from domain.usage.items import attempt
from domain.usage.metered_ledger import price
from domain.whole_life.mode_words import REGISTRIES, later, models, modes, names, policies, runtimes, scopes
from domain.workspaces.stored import FINGERPRINT, named
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.events import PayerDecision, UsageRecorded
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.governance.commands import ActivatePolicy, PublishRegistry
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    ChangeRuntime,
    ClearModel,
    DecideProvision,
    RegisterWorkspace,
    RemoveCredentialName,
    SelectModel,
    SetOrgDefault,
)
from usage_ledger.workspaces.registry.content import canonical_json

_PLATFORM = (ActivatePolicy, PublishRegistry, WireProxy, UnwireProxy)


class _Announced(msgspec.Struct, frozen=True):
    """A policy or a registry (by its name), in so many seconds; None is now."""

    policy: str | None
    registry: str
    after: int | None


_CHANGES = st.one_of(
    st.builds(lambda mode: ChangeBillingMode("ws", mode, "r"), modes),
    st.builds(lambda model, origin: SelectModel("ws", model, origin), models, st.sampled_from(["user", "import"])),
    st.just(ClearModel("ws")),
    st.builds(lambda runtime: ChangeRuntime("ws", runtime, "import"), runtimes),
    st.builds(lambda name, scope: AddCredentialName("ws", name, FINGERPRINT, scope), names, scopes),
    st.builds(lambda name, scope: RemoveCredentialName("ws", name, scope), names, scopes),
    st.builds(lambda mode: SetOrgDefault("t1", mode, "r"), st.sampled_from(MODES)),
    st.sampled_from([WireProxy(), UnwireProxy()]),
    st.builds(_Announced, policies, st.just("both"), later),
    st.builds(_Announced, st.none(), st.sampled_from(sorted(REGISTRIES)), later),
    st.builds(lambda number: DecideProvision("ws", f"other-{number}"), st.integers(1, 3)),
)
changes = st.lists(_CHANGES, max_size=12)


class _Life:
    """A workspace with an account that pays, in a deployment that is governed; refusals are part of life."""

    def __init__(self) -> None:
        self.ledger = Rehearsal()
        self._sent = 0
        self._published = 0
        self.ledger.given(price("acme/small", "small-1", {"input": "1"}), tenant="platform")
        self.ledger.given(OpenAccount("acc", "org", "USD"), RecordPurchase("acc", "1000000", "card/1"))
        self.live(_Announced(None, "both", None))
        keys = named("KIMI_API_KEY")
        self.ledger.given(RegisterWorkspace("ws", "acc", "claude-code", "kimi-for-coding", credentials=keys))

    def live(self, *changes: msgspec.Struct) -> None:
        for change in changes:
            command = self._command(change) if isinstance(change, _Announced) else change
            self.ledger.when(command, tenant="platform" if isinstance(command, _PLATFORM) else "t1")

    def _command(self, announced: _Announced) -> ActivatePolicy | PublishRegistry:
        at = None if announced.after is None else self.ledger.now + announced.after * SECOND
        if announced.policy is not None:
            return ActivatePolicy(announced.policy, "r", at)
        self._published += 1
        content = msgspec.structs.replace(REGISTRIES[announced.registry], version=f"v{self._published}")
        return PublishRegistry(content.version, canonical_json(content).decode(), "r", at)

    def consume(self, **fields: Any) -> tuple[Any, PayerDecision | None]:
        """What the item is answered, without its id, and the decision in the event that books it."""
        self._sent += 1
        sent = attempt(id=f"a{self._sent}", **{"occurred_at": self.ledger.now} | fields)
        answer = answer_of(self.ledger.when(RecordUsage((sent,))))["items"][0]
        del answer["id"]
        return answer, next(self._decisions(f"a{self._sent}"), None)

    def _decisions(self, attempt_id: str) -> Iterator[PayerDecision]:
        for stream in ("t1/account-acc", "t1/metered-ws"):
            for event in self.ledger.events(stream):
                if isinstance(event, UsageRecorded) and event.lines[0].attempt_id == attempt_id:
                    yield event.decisions[0]


@pytest.mark.rule("billing-mode-14.8")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=changes, after=changes)
def test_usage_of_a_run_never_changes_payer(before: list[msgspec.Struct], after: list[msgspec.Struct]) -> None:
    life = _Life()
    life.live(*before)
    decided = life.ledger.when(DecideProvision("ws", "r1"))
    if decided.code is not None:
        assert life.consume(run_id="r1")[0]["code"] == "run_not_decided"
        return
    frozen, first = answer_of(decided), life.consume(run_id="r1")
    for change in after:
        life.live(change)
        assert life.consume(run_id="r1") == first
    answer, decision = first
    assert answer.get("mode", "disabled") == frozen["resolved_mode"]
    if decision is not None:
        kept = (decision.mode, decision.mode_source, decision.policy, decision.registry_version)
        assert kept == (frozen["resolved_mode"], frozen["source"], frozen["policy"], frozen["registry"])
        assert decision.payer == ("acc" if frozen["resolved_mode"] == "platform_managed" else None)


@pytest.mark.rule("billing-mode-14.9")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=changes, after=changes)
def test_usage_that_comes_late_is_paid_as_if_it_had_come_at_once(
    before: list[msgspec.Struct], after: list[msgspec.Struct]
) -> None:
    life = _Life()
    life.live(*before)
    then = life.ledger.now
    first = life.consume(occurred_at=then)
    for change in after:
        life.live(change)
        assert life.consume(occurred_at=then) == first
