"""DecideProvision: a run has exactly one decision, made from one look at the facts (billing-mode 8, 10)."""

from __future__ import annotations

import msgspec
import pytest

from domain.given import TENANT, LedgerInMemory
from domain.runs.world import (
    PLATFORM_MODEL,
    VENDOR,
    key,
    model,
    override,
    registered,
    registry_in_force,
    wired,
    workspace_of,
)
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.adapters.packaged_registry import packaged_registry
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.commands import ChangeBillingMode, ClearModel, DecideProvision, SelectModel
from usage_ledger.workspaces.events import BillingOverrideSet, ProvisionDecided, ProvisionRefused
from usage_ledger.workspaces.mode_sources import ModeSources, stored_facts
from usage_ledger.workspaces.resolver.fact_reader import FactReaders, FactUnreadable
from usage_ledger.workspaces.workspace import Workspace

RUN = DecideProvision("ws", "r1")


def as_sent(answer: msgspec.Struct) -> dict:
    """The answer as a client reads it."""
    return msgspec.json.decode(msgspec.json.encode(answer))


def test_the_decision_keeps_everything_that_it_saw(given, when, then) -> None:
    given(*workspace_of(VENDOR, "KIMI_API_KEY", shared=("OPENAI_API_KEY",)))
    when(RUN)
    decided = then.recorded(ProvisionDecided)
    registry = packaged_registry()
    assert (decided.mode, decided.mode_source, decided.provider) == ("byok", "derived_provider", "kimi-coding")
    assert (decided.how, decided.policy, decided.outcome) == ("exact", "P4", "started_direct")
    assert (decided.registry_version, decided.registry_digest) == (registry.version, registry.digest)
    assert [(seen.name, seen.state, seen.value) for seen in decided.inputs] == [
        ("override", "absent", None),
        ("org_default", "absent", None),
        ("runtime", "recognised", "claude-code"),
        ("model", "recognised", VENDOR),
        ("workspace_credentials", "recognised", "KIMI_API_KEY"),
        ("tenant_credentials", "recognised", "OPENAI_API_KEY"),
        ("proxy", "recognised", "wired"),
    ]
    assert [(rung.name, rung.decided) for rung in decided.trail] == [
        ("workspace_override", False),
        ("derived_provider", True),
        ("derived_default", False),
    ]
    assert (decided.faults, decided.warnings, decided.withheld) == ((), (), ("OPENAI_API_KEY",))


def test_the_answer_is_the_frozen_decision(given, when, then) -> None:
    given(*workspace_of(PLATFORM_MODEL))
    when(RUN)
    answer = then.accepted()
    assert (answer.resolved_mode, answer.provision_outcome, answer.registry) == (
        "platform_managed",
        "started_on_proxy",
        packaged_registry().version,
    )


def test_the_second_question_is_answered_with_the_first_decision(given, when, then) -> None:
    given(*workspace_of(PLATFORM_MODEL))
    first = as_sent(when(RUN).answer)
    given(SelectModel("ws", VENDOR), ChangeBillingMode("ws", "disabled", "r"))
    when(RUN, command_id="another")
    assert then.duplicate() == first
    assert then.happened.recorded == ()


def test_a_run_is_one_workspaces(given, when, then) -> None:
    given(*workspace_of(PLATFORM_MODEL), registered("other"), model(PLATFORM_MODEL, "other"))
    given(RUN)
    when(DecideProvision("other", "r1"))
    then.refused("run_already_decided")


def test_a_run_of_another_tenant_is_another_run(given, when, ledger) -> None:
    given(*workspace_of(PLATFORM_MODEL))
    given(RUN)
    assert when(RUN, tenant="globex").code == "workspace_not_found"


def test_an_unknown_workspace_is_not_found(when, then) -> None:
    when(RUN)
    then.refused("workspace_not_found")


def test_a_refusal_is_a_fact_and_decides_nothing(given, when, then, ledger: LedgerInMemory) -> None:
    given(registry_in_force(), registered(), override("byok"))
    when(RUN)
    facts = then.refused("missing_byok_credential")
    assert facts["also"] == "missing_model"
    refused = then.recorded(ProvisionRefused)
    assert (refused.code, refused.also, refused.mode) == ("missing_byok_credential", ("missing_model",), "byok")
    assert ledger.get(Workspace, workspace_stream(TENANT, "ws")).current_run is None
    given(model(VENDOR, at=ledger.now), key("KIMI_API_KEY", at=ledger.now))
    when(RUN, command_id="again")
    assert then.accepted().provision_outcome == "started_direct"


@pytest.mark.parametrize(
    ("facts", "code", "also"),
    [
        (
            [wired(), registry_in_force(), registered(), model(PLATFORM_MODEL), override("byok")],
            "byok_on_platform_model",
            "",
        ),
        ([registry_in_force(), registered(), model(PLATFORM_MODEL)], "missing_platform_proxy", ""),
        ([wired(), registry_in_force(), registered()], "missing_model", ""),
        ([registry_in_force(), registered(), override("platform_managed")], "missing_platform_proxy", "missing_model"),
    ],
)
def test_the_first_failing_gate_is_the_code(given, when, then, facts, code: str, also: str) -> None:
    given(*facts)
    when(RUN)
    assert then.refused(code)["also"] == also


def test_disabled_starts_without_llm_and_sees_no_key(given, when, then) -> None:
    given(*workspace_of(VENDOR, "KIMI_API_KEY", "MY_OWN", shared=("OPENAI_API_KEY",)), override("disabled"))
    when(RUN)
    answer = then.accepted()
    assert (answer.resolved_mode, answer.provision_outcome) == ("disabled", "started_without_llm")
    assert answer.withheld == ("KIMI_API_KEY", "OPENAI_API_KEY")


@pytest.mark.parametrize("name", [None, "external"])
def test_what_the_platform_does_not_start_is_decided_all_the_same(given, when, then, name: str | None) -> None:
    given(registry_in_force(), registered(runtime=name))
    when(RUN)
    answer = then.accepted()
    assert (answer.provision_outcome, answer.resolved_mode) == ("decision_only", "byok")


def test_a_vendor_model_on_the_platforms_account_is_a_warning(given, when, then) -> None:
    given(*workspace_of(VENDOR), override("platform_managed"))
    when(RUN)
    answer = then.accepted()
    assert answer.provision_outcome == "started_on_proxy_unlisted_model"
    assert answer.warnings == ("PLATFORM_MODE_ON_VENDOR_MODEL", "OVERRIDE_AGAINST_MODEL")


def test_a_new_decision_ends_what_was_pending(given, when, then, ledger: LedgerInMemory) -> None:
    given(*workspace_of(PLATFORM_MODEL))
    given(RUN)
    when(ChangeBillingMode("ws", "disabled", "r"))
    assert "RESTART_PENDING" in then.recorded(BillingOverrideSet).states
    when(DecideProvision("ws", "r2"))
    assert "RESTART_PENDING" not in then.recorded(ProvisionDecided).warnings
    run = ledger.get(Workspace, workspace_stream(TENANT, "ws")).current_run
    assert run is not None
    assert (run.run_id, run.mode) == ("r2", "disabled")


def test_a_source_that_fails_is_seen_as_unreadable_and_read_once(given, when, then, ledger: LedgerInMemory) -> None:
    given(*workspace_of(VENDOR, "KIMI_API_KEY"))
    asked: list[str] = []

    def failing(sources: ModeSources, instant: int) -> FactReaders:
        def unreadable() -> frozenset[str]:
            asked.append("workspace_credentials")
            raise FactUnreadable("workspace_credentials")

        return msgspec.structs.replace(stored_facts(sources, instant), workspace_credentials=unreadable)

    ledger.fact_readers = failing
    when(RUN)
    then.refused("credentials_unreadable")
    refused = then.recorded(ProvisionRefused)
    states = {seen.name: (seen.state, seen.value) for seen in refused.inputs}
    assert states["workspace_credentials"] == states["tenant_credentials"] == ("unreadable", None)
    assert refused.faults == ("CREDENTIALS_UNREADABLE",)
    assert asked == ["workspace_credentials"]


@pytest.mark.rule("billing-mode-15.18")
def test_a_seed_comes_before_the_first_decision(given, when, then) -> None:
    """A seed after it would leave a run that was decided without the model that it runs on."""
    given(wired(), registry_in_force(), registered())
    when(RUN)
    then.refused("missing_model")
    given(SelectModel("ws", PLATFORM_MODEL, "seed"))
    when(RUN, command_id="again")
    decided = then.recorded(ProvisionDecided)
    assert (decided.mode, decided.provider) == ("platform_managed", "platform")
    when(SelectModel("ws", VENDOR, "seed"))
    then.refused("model_already_selected")


@pytest.mark.rule("billing-mode-15.18")
def test_a_seed_after_the_decision_does_not_alter_it(given, when, then) -> None:
    given(*workspace_of(PLATFORM_MODEL))
    first = as_sent(when(RUN).answer)
    given(ClearModel("ws"), SelectModel("ws", VENDOR, "seed"))
    when(RUN, command_id="again")
    assert then.duplicate() == first


def test_a_run_is_called_what_it_likes_whatever_else_has_that_name(given, when, then) -> None:
    """A business key of another kind is another thing: a payment of the same name neither answers nor contradicts."""
    given(*workspace_of(VENDOR, "KIMI_API_KEY"), OpenAccount("acc", "org", "USD"), RecordPurchase("acc", "1.00", "r1"))
    when(RUN)
    assert then.recorded(ProvisionDecided).run_id == "r1"
    when(RecordPurchase("acc", "1.00", "r1"))
    then.duplicate()
