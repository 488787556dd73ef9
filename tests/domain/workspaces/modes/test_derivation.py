"""Who serves a model: an exact id before a match, a tie only where one stored name breaks it."""

from __future__ import annotations

import pytest

from domain.workspaces.modes.questions import PACKAGED, TIED
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.workspaces.registry.changes import (
    AddArm,
    AddModels,
    ChangeDoesNotFit,
    RemoveModels,
    backwards,
    forwards,
)
from usage_ledger.workspaces.registry.derivation import Derivation, derive
from usage_ledger.workspaces.registry.registry import make_registry
from usage_ledger.workspaces.resolver.inputs import (
    UNREADABLE,
    UNREADABLE_CREDENTIALS,
    Credentials,
    model_input,
    runtime_input,
)


def derived(registry, runtime, model, *workspace, tenant=()):
    stored = Credentials(frozenset(workspace), frozenset(tenant))
    return derive(registry, runtime_input(runtime), model_input(model), stored)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ((), Derivation(None, "ambiguous")),
        (("ONE_KEY",), Derivation("one", "prefix_by_credential")),
        (("TWO_KEY",), Derivation("two", "prefix_by_credential")),
        (("ONE_KEY", "TWO_KEY"), Derivation(None, "ambiguous")),
    ],
)
def test_of_two_matching_arms_the_one_with_a_stored_name(stored, expected):
    assert derived(TIED, "r", "x-1", *stored) == expected
    assert derived(TIED, "r", "x-1", tenant=stored) == expected


def test_a_stored_name_never_breaks_a_tie_with_the_closed_provider():
    assert derived(TIED, "r", "p-1", "ONE_KEY") == Derivation(None, "ambiguous")


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ((), Derivation("openai-subscription", "first_arm")),
        (("OPENAI_API_KEY",), Derivation("openai-api", "exact_by_credential")),
        (("CODEX_AUTH_JSON", "OPENAI_API_KEY"), Derivation("openai-subscription", "first_arm")),
    ],
)
def test_of_two_arms_that_list_an_id_the_first_unless_one_stored_name_decides(stored, expected):
    assert derived(PACKAGED, "codex", "gpt-5.5", *stored) == expected


def test_the_same_id_has_another_payer_on_another_runtime():
    model = "anthropic/claude-sonnet-4-6"
    assert derived(PACKAGED, "claude-code", model) == Derivation("platform", "exact")
    assert derived(PACKAGED, "hermes", model) == Derivation("byok-anthropic", "prefix")


def test_exact_ids_count_their_case_and_a_match_need_not():
    minimax = AddModels("hermes", "platform", ("minimax/MiniMax-M2.7",))
    registry = make_registry(forwards(packaged_content(), (minimax,), "2026-06-29"))
    assert derived(registry, "hermes", "minimax/MiniMax-M2.7") == Derivation("platform", "exact")
    assert derived(registry, "hermes", "minimax/minimax-m2.7") == Derivation("byok-minimax", "prefix")


def test_a_match_ignores_case_only_where_its_provider_says_so():
    assert derived(PACKAGED, "claude-code", "GLM-9") == Derivation("zai", "prefix")
    assert derived(PACKAGED, "claude-code", "deepseek-9") == Derivation("deepseek", "prefix")
    assert derived(PACKAGED, "claude-code", "DeepSeek-9") == Derivation(None, "unknown_model")


@pytest.mark.parametrize(
    ("registry", "runtime", "model", "reason"),
    [
        (None, UNREADABLE, UNREADABLE, "registry_unavailable"),
        (PACKAGED, UNREADABLE, UNREADABLE, "runtime_unreadable"),
        (PACKAGED, runtime_input("codex"), UNREADABLE, "model_unreadable"),
        (PACKAGED, runtime_input("no-such"), model_input("  "), "no_model"),
        (PACKAGED, runtime_input("no-such"), model_input("gpt-5.5"), "unknown_runtime"),
        (PACKAGED, runtime_input("  "), model_input("gpt-5.5"), "unknown_runtime"),
        (PACKAGED, runtime_input("mock"), model_input("gpt-5.5"), "unknown_runtime"),
        (PACKAGED, runtime_input("codex"), model_input("made-up"), "unknown_model"),
    ],
)
def test_where_there_is_no_provider_the_first_reason_is_told(registry, runtime, model, reason):
    assert derive(registry, runtime, model, Credentials()) == Derivation(None, reason)


def test_names_that_cannot_be_read_break_no_tie():
    asked = derive(PACKAGED, runtime_input("codex"), model_input("gpt-5.5"), UNREADABLE_CREDENTIALS)
    assert asked == Derivation("openai-subscription", "first_arm")


def test_a_change_of_another_version_does_not_fit():
    there = AddModels("codex", "platform", ("openai/gpt-5.4",))
    not_there = RemoveModels("codex", "platform", ("made-up",))
    with pytest.raises(ChangeDoesNotFit, match="gpt"):
        forwards(packaged_content(), (there,), "next")
    with pytest.raises(ChangeDoesNotFit, match="made-up"):
        forwards(packaged_content(), (not_there,), "next")


def test_forwards_and_backwards_again_is_the_same_content():
    content = packaged_content()
    added = (
        AddModels("codex", "platform", ("openai/new", "openai/newer")),
        AddArm("codex", "groq", ()),
        AddModels("codex", "groq", ("groq:llama",)),
    )
    assert backwards(forwards(content, added, "next"), added, content.version) == content
