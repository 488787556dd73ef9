"""SelectModel, ClearModel and ChangeRuntime where a registry is in force: either can move the payer."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.governance.registries import publish
from domain.rehearsal import Rehearsal, answer_of
from domain.workspaces.stored import PLATFORM_MODEL, VENDOR, publish_tied, register, unreadable
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.workspaces.commands import ChangeRuntime, ClearModel, RegisterWorkspace, SelectModel
from usage_ledger.workspaces.events import ModelCleared, ModelSelected, RuntimeChanged


@pytest.fixture(autouse=True)
def _governed(ledger: Rehearsal) -> None:
    ledger.given(publish(), WireProxy(), tenant="platform")


def modes(outcome: Any) -> tuple[str, str]:
    answer = answer_of(outcome)
    return answer["previous_mode"], answer["resolved_mode"]


def test_a_model_can_move_the_payer_and_event_and_answer_say_so(ledger: Rehearsal) -> None:
    ledger.given(register(VENDOR, "KIMI_API_KEY"))
    outcome = ledger.when(SelectModel("ws", PLATFORM_MODEL))
    assert modes(outcome) == ("byok", "platform_managed")
    assert answer_of(outcome)["states"] == ["VENDOR_KEY_ON_PLATFORM_MODEL"]
    selected = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(selected, ModelSelected)
    assert selected.before is not None
    assert (selected.before.mode, selected.after.mode) == ("byok", "platform_managed")
    assert selected.states == ("VENDOR_KEY_ON_PLATFORM_MODEL",)


@pytest.mark.rule("billing-mode-15.14")
def test_a_runtime_can_move_the_payer_and_event_and_answer_say_so(ledger: Rehearsal) -> None:
    ledger.given(register(PLATFORM_MODEL))
    outcome = ledger.when(ChangeRuntime("ws", " hermes "))
    assert modes(outcome) == ("platform_managed", "byok")
    changed = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(changed, RuntimeChanged)
    assert (changed.runtime, changed.previous, changed.after.provider) == ("hermes", "claude-code", "byok-anthropic")
    assert changed.before is not None
    assert changed.before.mode == "platform_managed"
    assert changed.states == ("BYOK_WITHOUT_ACCEPTED_CREDENTIAL",)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (SelectModel("ws", "totally-made-up"), "unregistered_model_for_runtime"),
        (SelectModel("ws", "totally-made-up", "reconcile"), "unregistered_model_for_runtime"),
        (SelectModel("ws", PLATFORM_MODEL, runtime="wheelbarrow"), "runtime_unsupported"),
        (SelectModel("ws", "gpt-5.5", runtime="google-adk"), "unregistered_model_for_runtime"),
        (ChangeRuntime("ws", "wheelbarrow"), "runtime_unsupported"),
        (ChangeRuntime("ws", "google-adk"), "unregistered_model_for_runtime"),
        (ClearModel("ws", runtime="wheelbarrow"), "runtime_unsupported"),
    ],
)
def test_what_the_registry_does_not_know_is_refused_and_nothing_changes(
    ledger: Rehearsal, command: msgspec.Struct, code: str
) -> None:
    ledger.given(register(PLATFORM_MODEL))
    before = ledger.events("t1/workspace-ws")
    assert ledger.when(command).code == code
    assert ledger.events("t1/workspace-ws") == before


@pytest.mark.parametrize(
    "command",
    [SelectModel("ws", "totally-made-up", "import"), ChangeRuntime("ws", "wheelbarrow", "import")],
)
def test_an_import_may_carry_what_the_registry_does_not_know(ledger: Rehearsal, command: msgspec.Struct) -> None:
    ledger.given(register(PLATFORM_MODEL))
    assert ledger.when(command).outcome == "accepted"


@pytest.mark.parametrize("runtime", ["external", None, ""])
def test_any_model_moves_with_a_workspace_that_the_platform_does_not_start(
    ledger: Rehearsal, runtime: str | None
) -> None:
    ledger.given(register(VENDOR, "KIMI_API_KEY"), ChangeRuntime("ws", runtime))
    assert ledger.when(SelectModel("ws", "totally-made-up")).outcome == "accepted"


def test_models_that_two_arms_match_are_refused_without_a_key(ledger: Rehearsal) -> None:
    ledger.given(publish_tied(), tenant="platform")
    ledger.given(RegisterWorkspace("ws"))
    assert ledger.when(SelectModel("ws", "x-1", runtime="r")).code == "ambiguous_model"


def test_runtime_and_model_change_together(ledger: Rehearsal) -> None:
    ledger.given(register(PLATFORM_MODEL))
    outcome = ledger.when(SelectModel("ws", "gpt-5.5", runtime="codex"))
    changed, selected = ledger.events("t1/workspace-ws")[-2:]
    assert isinstance(changed, RuntimeChanged)
    assert isinstance(selected, ModelSelected)
    assert (changed.runtime, selected.model, selected.before) == ("codex", "gpt-5.5", changed.after)
    assert modes(outcome) == ("platform_managed", "byok")


def test_neither_changes_where_one_of_them_is_refused(ledger: Rehearsal) -> None:
    ledger.given(register(PLATFORM_MODEL))
    before = ledger.events("t1/workspace-ws")
    assert ledger.when(SelectModel("ws", VENDOR, runtime="codex")).code == "unregistered_model_for_runtime"
    assert ledger.events("t1/workspace-ws") == before


def test_a_model_is_cleared_with_a_change_of_runtime(ledger: Rehearsal) -> None:
    ledger.given(register(PLATFORM_MODEL), ClearModel("ws", runtime="codex"))
    changed, cleared = ledger.events("t1/workspace-ws")[-2:]
    assert isinstance(changed, RuntimeChanged)
    assert isinstance(cleared, ModelCleared)
    assert (changed.runtime, cleared.previous) == ("codex", PLATFORM_MODEL)


@pytest.mark.parametrize("command", [ChangeRuntime("ws", "claude-code"), SelectModel("ws", VENDOR)])
def test_what_is_set_already_is_accepted_even_where_it_would_not_be_today(
    ledger: Rehearsal, command: msgspec.Struct
) -> None:
    ledger.given(register(VENDOR, "KIMI_API_KEY"))
    ledger.given(publish_tied(), tenant="platform")
    before = ledger.events("t1/workspace-ws")
    assert ledger.when(command).outcome == "accepted"
    assert ledger.events("t1/workspace-ws") == before


def test_a_runtime_of_an_unknown_workspace_or_another_version_is_not_changed(ledger: Rehearsal) -> None:
    ledger.given(register(PLATFORM_MODEL))
    assert ledger.when(ChangeRuntime("other", "hermes")).code == "workspace_not_found"
    outcome = ledger.when(ChangeRuntime("ws", "hermes", expected_version=1))
    assert (outcome.code, outcome.facts) == ("version_conflict", {"current_version": "2"})
    assert ledger.when(ChangeRuntime("ws", "hermes", expected_version=2)).outcome == "accepted"


def test_a_seed_needs_somebody_who_pays_for_what_it_chooses(ledger: Rehearsal) -> None:
    ledger.given(register(None, kind="platform"))
    ledger.given(UnwireProxy(), tenant="platform")
    assert ledger.when(SelectModel("ws", PLATFORM_MODEL, "seed")).code == "missing_platform_proxy"
    assert ledger.when(SelectModel("ws", "totally-made-up", "seed")).code == "unregistered_model_for_runtime"
    assert ledger.when(SelectModel("ws", VENDOR, "seed")).outcome == "accepted"
    assert ledger.when(SelectModel("ws", PLATFORM_MODEL, "seed")).code == "model_already_selected"
    assert ledger.when(SelectModel("ws", PLATFORM_MODEL)).outcome == "accepted"


def test_the_seed_of_a_model_that_is_selected_is_refused_also_when_it_is_the_same(ledger: Rehearsal) -> None:
    ledger.given(register(PLATFORM_MODEL))
    assert ledger.when(SelectModel("ws", PLATFORM_MODEL, "seed")).code == "model_already_selected"


def test_a_model_that_cannot_be_read_is_not_taken_for_unset() -> None:
    ledger = Rehearsal(unreadable("model"))
    ledger.given(publish(), WireProxy(), tenant="platform")
    ledger.given(register(None, kind="platform"))
    assert ledger.when(SelectModel("ws", PLATFORM_MODEL, "seed")).code == "model_unreadable"
    assert ledger.when(SelectModel("ws", PLATFORM_MODEL)).outcome == "accepted"


def test_without_a_registry_nothing_is_known_to_be_wrong() -> None:
    ledger = Rehearsal()
    ledger.given(RegisterWorkspace("ws"), SelectModel("ws", "made-up", runtime="wheelbarrow"))
    outcome = ledger.when(ChangeRuntime("ws", "barrow"))
    assert answer_of(outcome)["faults"] == ["REGISTRY_UNAVAILABLE"]


def test_a_model_is_cleared_whatever_the_workspace_runs_on(ledger: Rehearsal) -> None:
    """The runtime came with an import; it is not what the command is about."""
    ledger.given(register(VENDOR, runtime="wheelbarrow", origin="import"))
    assert answer_of(ledger.when(ClearModel("ws")))["model"] is None
    assert ledger.when(ClearModel("ws", runtime="handcart")).code == "runtime_unsupported"
