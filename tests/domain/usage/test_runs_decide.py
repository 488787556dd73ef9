"""Usage of a run is charged by that run's decision, whenever it comes and whatever changed since (billing-mode 10)."""

from __future__ import annotations

import msgspec
import pytest

from domain.rehearsal import SECOND, Rehearsal
from domain.usage.items import attempt
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.adapters.memory_store import MemoryTransaction
from usage_ledger.deployment.commands import UnwireProxy
from usage_ledger.pricing.commands import SetPricingPolicy
from usage_ledger.usage.commands import AssignPayer, RecordUsage
from usage_ledger.usage.events import WaitingUsageJudged
from usage_ledger.workspaces.commands import ChangeBillingMode, DecideProvision, RegisterWorkspace

from .metered_ledger import METERED, lines, price, quarantined, record, send, usage_events

MODES = ("platform_managed", "byok", "disabled")


def mode(name: str | None) -> ChangeBillingMode:
    return ChangeBillingMode("ws", name, "r")


def run(run_id: str = "r1", workspace_id: str = "ws") -> DecideProvision:
    return DecideProvision(workspace_id, run_id)


@pytest.mark.parametrize("later", [None, *MODES])
@pytest.mark.parametrize(("decided", "charged"), [("platform_managed", "1.00"), ("byok", "0.00")])
def test_late_usage_of_a_run_follows_the_run(ledger: Rehearsal, decided: str, charged: str, later: str | None) -> None:
    ledger.given(mode(decided), run(), mode(later))
    for number, at in enumerate((ledger.now - 2 * SECOND, ledger.now)):
        (answer,) = record(ledger, {"id": f"a{number}", "run_id": "r1", "occurred_at": at})
        assert (answer["charged"], answer["mode"], answer["mode_source"]) == (charged, decided, "workspace_override")


def test_the_decision_in_the_event_is_the_runs(ledger: Rehearsal) -> None:
    ledger.given(run(), mode("byok"))
    record(ledger, {"run_id": "r1"})
    (event,) = usage_events(ledger)
    (decision,) = event.decisions
    assert (decision.mode, decision.mode_source, decision.policy) == ("platform_managed", "derived_default", "P4")
    assert (decision.payer, decision.registry_version) == ("acc", None)
    assert decision.detail is not None
    assert decision.detail.run_id == "r1"


def test_runs_of_one_batch_each_follow_their_own_decision(ledger: Rehearsal) -> None:
    ledger.given(run("r1"), mode("byok"), run("r2"), mode(None))
    items = [{"id": "a", "run_id": "r1"}, {"id": "b", "run_id": "r2"}, {"id": "c"}, {"id": "d", "run_id": "r2"}]
    assert [answer["mode"] for answer in record(ledger, *items)] == [
        "platform_managed",
        "byok",
        "platform_managed",
        "byok",
    ]
    assert [line.attempt_id for line in lines(ledger)] == ["a", "c"]
    assert [line.attempt_id for line in lines(ledger, METERED)] == ["b", "d"]


def test_a_run_decided_in_the_same_append_counts(ledger: Rehearsal) -> None:
    used = RecordUsage((attempt(run_id="r1", occurred_at=ledger.now),))
    decided, recorded = ledger.together(run(), used)
    assert (decided.outcome, recorded.outcome) == ("accepted", "accepted")
    assert len(lines(ledger)) == 1


def test_usage_of_a_disabled_run_is_refused_kept_raw_and_takes_no_id(ledger: Rehearsal) -> None:
    ledger.given(mode("disabled"), run(), mode(None))
    fields = {"run_id": "r1", "credential": "platform", "reported_cost": {"amount": "0.80", "currency": "USD"}}
    assert record(ledger, fields) == [{"id": "a1", "status": "rejected", "code": "mode_disabled"}]
    (kept,) = quarantined(ledger)
    assert (kept.disposition, kept.reason, kept.amount_at_risk) == ("rejected", "mode_disabled", 8 * 10**8)
    raw = msgspec.json.decode(kept.raw)
    assert (raw["credential"], raw["run_id"], raw["usage"]) == ("platform", "r1", {"input_tokens": 1_000_000})
    (again,) = record(ledger, {})
    assert again["status"] == "accepted"


def test_a_fallback_does_not_open_a_disabled_run(ledger: Rehearsal) -> None:
    ledger.given(mode("disabled"), run(), mode(None))
    (answer,) = record(ledger, {"run_id": "r1", "credential": "platform", "fallback_from": "a0"})
    assert answer["code"] == "mode_disabled"


def test_a_workspace_that_is_disabled_by_now_does_not_refuse_what_its_run_consumed(ledger: Rehearsal) -> None:
    ledger.given(run(), mode("disabled"))
    of_run, without = record(ledger, {"id": "a", "run_id": "r1"}, {"id": "b"})
    assert (of_run["status"], of_run["charged"], without["code"]) == ("accepted", "1.00", "mode_disabled")


@pytest.mark.parametrize(
    ("decided", "credential", "mismatch"),
    [("platform_managed", "byok", True), ("platform_managed", "platform", False), ("byok", "platform", True)],
)
def test_a_route_against_the_runs_decision_is_flagged(
    ledger: Rehearsal, decided: str, credential: str, mismatch: bool
) -> None:
    other = {"platform_managed": "byok", "byok": "platform_managed"}[decided]
    ledger.given(mode(decided), run(), mode(other))
    record(ledger, {"run_id": "r1", "credential": credential})
    (event,) = usage_events(ledger) or usage_events(ledger, METERED)
    assert event.decisions[0].route_mismatch is mismatch


def test_a_declared_fallback_of_a_run_with_its_own_key_is_platform_usage(ledger: Rehearsal) -> None:
    ledger.given(mode("byok"), run())
    (answer,) = record(ledger, {"run_id": "r1", "credential": "platform", "fallback_from": "a0"})
    assert (answer["charged"], answer["account_id"], answer["mode"]) == ("1.00", "acc", "byok")
    assert usage_events(ledger)[0].decisions[0].route_mismatch is False


def test_a_run_with_its_own_key_pays_the_fee_and_no_more(ledger: Rehearsal) -> None:
    ledger.given(SetPricingPolicy("acc", byok_fee_per_request="0.25"))
    ledger.given(mode("byok"), run(), mode(None))
    (answer,) = record(ledger, {"run_id": "r1"})
    assert (answer["charged"], answer["account_id"], answer["mode"]) == ("0.25", "acc", "byok")


def test_a_run_freezes_no_payer_so_without_a_pin_its_usage_waits(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("free"), run("r1", "free"))
    (answer,) = record(ledger, {"workspace_id": "free", "run_id": "r1"})
    assert (answer["status"], answer["code"]) == ("quarantined", "no_pin")


def test_a_run_of_another_workspace_decides_nothing_here(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("other", account_id="acc"), run("r1", "other"))
    (answer,) = record(ledger, {"run_id": "r1"})
    assert (answer["status"], answer["code"]) == ("quarantined", "run_not_decided")


def test_a_run_of_another_tenant_decides_nothing_here(ledger: Rehearsal) -> None:
    ledger.given(OpenAccount("acc", "org", "USD"), RegisterWorkspace("ws", account_id="acc"), run(), tenant="t2")
    (answer,) = record(ledger, {"run_id": "r1"})
    assert answer["code"] == "run_not_decided"


def test_usage_that_came_before_its_run_is_booked_when_the_run_is_decided(ledger: Rehearsal) -> None:
    reactor = ReactorInMemory(ledger.store, ledger.clock)
    early = [{"id": "a", "run_id": "r1"}, {"id": "b", "run_id": "r2"}]
    assert {answer["code"] for answer in record(ledger, *early)} == {"run_not_decided"}
    assert record(ledger, early[0]) == [{"id": "a", "status": "duplicate"}]
    ledger.given(mode("byok"), run("r1"), mode(None))
    reactor.react()
    assert [line.attempt_id for line in lines(ledger, METERED)] == ["a"]
    ledger.given(run("r2"))
    reactor.forget()
    reactor.react()
    assert [line.attempt_id for line in lines(ledger)] == ["b"]
    assert [line.attempt_id for line in lines(ledger, METERED)] == ["a"]


def test_usage_that_waited_for_its_workspace_waits_for_its_run_then(ledger: Rehearsal) -> None:
    reactor = ReactorInMemory(ledger.store, ledger.clock)
    record(ledger, {"workspace_id": "late", "run_id": "r1"})
    ledger.given(RegisterWorkspace("late", account_id="acc"))
    reactor.react()
    judged = [event for event in ledger.events("t1/quarantine") if isinstance(event, WaitingUsageJudged)]
    assert [item.reason for event in judged for item in event.items] == ["run_not_decided"]
    ledger.given(run("r1", "late"))
    reactor.react()
    assert len(lines(ledger)) == 1


def test_usage_that_waited_for_a_run_that_is_disabled_stays_and_says_so(ledger: Rehearsal) -> None:
    reactor = ReactorInMemory(ledger.store, ledger.clock)
    record(ledger, {"run_id": "r1"})
    ledger.given(mode("disabled"), run())
    reactor.react()
    assert [row.reason for row in ledger.store.quarantined.values()] == ["mode_disabled"]
    assert ledger.when(AssignPayer("a1", "gw", "acc", "by hand")).code == "mode_disabled"
    assert lines(ledger) == lines(ledger, METERED) == []


def test_whom_an_operator_names_pays_in_the_mode_of_the_run(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("free"), run("r1", "free"))
    record(ledger, {"workspace_id": "free", "run_id": "r1"})
    ledger.given(ChangeBillingMode("free", "disabled", "r"), AssignPayer("a1", "gw", "acc", "by hand"))
    (event,) = usage_events(ledger)
    assert (event.decisions[0].mode, event.decisions[0].payer_reason) == ("platform_managed", "assigned")


def test_the_deployment_that_changed_since_moves_no_run(ledger: Rehearsal) -> None:
    ledger.given(run())
    ledger.given(UnwireProxy(), price("other", "o1", {"input": "1"}), tenant="platform")
    of_run, without = record(ledger, {"id": "a", "run_id": "r1"}, {"id": "b"})
    assert (of_run["mode"], without["mode"]) == ("platform_managed", "byok")


def test_the_runs_of_an_append_are_looked_up_in_one_question(
    ledger: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.given(*[run(f"r{n}") for n in range(20)])
    asked: list[int] = []
    find = MemoryTransaction.business_keys

    def counted(self: MemoryTransaction, digests: list[bytes]) -> dict:
        asked.append(len(digests))
        return find(self, digests)

    monkeypatch.setattr(MemoryTransaction, "business_keys", counted)
    send(ledger, *[{"id": f"a{n}", "run_id": f"r{n % 20}"} for n in range(100)], {"id": "none", "run_id": "unheard"})
    assert asked == [21]
