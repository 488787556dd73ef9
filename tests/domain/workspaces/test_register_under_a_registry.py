"""RegisterWorkspace where a registry is in force: the checks of creation, in their order; a refusal stores nothing."""

from __future__ import annotations

import pytest

from domain.governance.registries import publish
from domain.rehearsal import Rehearsal, answer_of
from domain.workspaces.stored import (
    FINGERPRINT,
    PLATFORM_MODEL,
    RESERVED,
    VENDOR,
    named,
    publish_tied,
    register,
    unreadable,
)
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.refusals import InvalidInput
from usage_ledger.refused import CommandRefused
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    NamedCredential,
    RegisterWorkspace,
    SetOrgDefault,
)
from usage_ledger.workspaces.events import (
    CredentialNameAdded,
    CredentialWriteRejected,
    ModelSelected,
    WorkspaceRegistered,
)


@pytest.fixture(autouse=True)
def _governed(ledger: Rehearsal) -> None:
    ledger.given(publish(), WireProxy(), tenant="platform")


def test_model_and_credential_are_stored_together_and_decide_together(ledger: Rehearsal) -> None:
    answer = answer_of(ledger.when(register(VENDOR, " kimi_api_key ", organization_id="org-1")))
    began, selected, added = ledger.events("t1/workspace-ws")
    assert isinstance(began, WorkspaceRegistered)
    assert isinstance(selected, ModelSelected)
    assert isinstance(added, CredentialNameAdded)
    assert (began.organization_id, began.before, began.after.mode) == ("org-1", None, "platform_managed")
    assert (selected.before, selected.after.provider) == (began.after, "kimi-coding")
    assert selected.states == ("BYOK_WITHOUT_ACCEPTED_CREDENTIAL",)
    assert (added.organization_id, added.scope, added.name) == ("org-1", "workspace", "KIMI_API_KEY")
    assert (added.fingerprint, added.before, added.states) == (FINGERPRINT, selected.after, ())
    assert (answer["version"], answer["resolved_mode"], answer["provider_selection"]) == (3, "byok", "kimi-coding")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (register(VENDOR, "KIMI_API_KEY", runtime="wheelbarrow"), "runtime_unsupported"),
        (register(None, runtime="wheelbarrow"), "runtime_unsupported"),
        (register(None), "model_required"),
        (register(None, RESERVED), "model_required"),
        (register("totally-made-up"), "unregistered_model_for_runtime"),
        (register("totally-made-up", kind="platform"), "unregistered_model_for_runtime"),
        (register("Kimi-for-coding"), "unregistered_model_for_runtime"),
        (register("totally-made-up", RESERVED), "unregistered_model_for_runtime"),
        (register(VENDOR, RESERVED), "reserved_credential_name"),
        (register(VENDOR, "KIMI_API_KEY", RESERVED), "reserved_credential_name"),
        (register(PLATFORM_MODEL, "ANTHROPIC_API_KEY"), "platform_model_blocks_vendor_key"),
        (register(VENDOR), "missing_byok_credential"),
        (register(VENDOR, "OPENAI_API_KEY"), "missing_byok_credential"),
        (register(VENDOR, "DATABASE_URL"), "missing_byok_credential"),
    ],
)
def test_the_first_check_that_fails_answers_and_nothing_is_stored(
    ledger: Rehearsal, command: RegisterWorkspace, code: str
) -> None:
    before = ledger.streams
    assert ledger.when(command).code == code
    assert ledger.streams == before | {"t1/refusals"}


@pytest.mark.parametrize(
    "command",
    [
        register(PLATFORM_MODEL),
        register(PLATFORM_MODEL, "DATABASE_URL"),
        register(VENDOR, "ANTHROPIC_AUTH_TOKEN"),
        register(VENDOR, "OPENAI_API_KEY", "KIMI_API_KEY"),
        register(None, kind="platform"),
        register("anything/at-all", runtime="external"),
        register(None, runtime="mock"),
        register(None, runtime=None),
        register("totally-made-up", runtime=" "),
    ],
)
def test_what_no_check_has_anything_against_begins(ledger: Rehearsal, command: RegisterWorkspace) -> None:
    assert ledger.when(command).outcome == "accepted"


@pytest.mark.rule("billing-mode-15.5")
def test_a_guarded_name_is_refused_on_runtimes_that_no_other_check_is_asked_of(ledger: Rehearsal) -> None:
    for runtime in ("mock", None):
        outcome = ledger.when(register(None, "ANTHROPIC_API_KEY", runtime=runtime))
        assert (outcome.code, outcome.facts["rule"]) == ("vendor_key_refused", "model_underivable")
    assert ledger.events("t1/workspace-ws") == []


def test_a_refused_name_stands_beside_the_refusal(ledger: Rehearsal) -> None:
    ledger.when(register(PLATFORM_MODEL, "ANTHROPIC_API_KEY", organization_id="org-1"))
    noted, refused = ledger.events("t1/refusals")
    code, rule = "platform_model_blocks_vendor_key", "platform_model"
    assert noted == CredentialWriteRejected(
        "ws", "org-1", "workspace", "ANTHROPIC_API_KEY", code, rule, PLATFORM_MODEL, "claude-code", "P4", "2026-06-12"
    )
    assert isinstance(refused, CommandRefused)
    facts = {fact.name: fact.value for fact in refused.facts}
    assert facts == {"rule": rule, "name": "ANTHROPIC_API_KEY", "scope": "workspace", "policy": "P4"}


def test_two_arms_that_match_alike_are_refused_unless_one_accepted_name_chooses(ledger: Rehearsal) -> None:
    ledger.given(publish_tied(), tenant="platform")
    assert ledger.when(register("x-1", runtime="r")).code == "ambiguous_model"
    assert ledger.when(register("x-1", "ONE_KEY", "TWO_KEY", runtime="r")).code == "ambiguous_model"
    answer = answer_of(ledger.when(register("x-1", "TWO_KEY", runtime="r")))
    assert (answer["provider_selection"], answer["derived_by"]) == ("two", "prefix_by_credential")


def test_an_import_may_carry_a_runtime_and_a_model_that_nobody_knows_but_no_guarded_name(ledger: Rehearsal) -> None:
    strange = {"runtime": "wheelbarrow", "origin": "import"}
    outcome = ledger.when(register("totally-made-up", "KIMI_API_KEY", **strange))
    assert (outcome.code, outcome.facts["rule"]) == ("vendor_key_refused", "model_underivable")
    assert ledger.when(register("totally-made-up", **strange)).outcome == "accepted"
    selected = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(selected, ModelSelected)
    assert (selected.origin, selected.after.mode) == ("import", "platform_managed")


@pytest.mark.parametrize(
    ("model", "code"), [(None, "model_required"), (VENDOR, "missing_byok_credential"), (PLATFORM_MODEL, None)]
)
def test_an_import_skips_no_other_check(ledger: Rehearsal, model: str | None, code: str | None) -> None:
    assert ledger.when(register(model, origin="import")).code == code


def test_a_name_of_the_organization_pays_for_a_workspace_that_begins_in_it(ledger: Rehearsal) -> None:
    first = RegisterWorkspace("first", organization_id="org-1")
    ledger.given(first, AddCredentialName("first", "KIMI_API_KEY", FINGERPRINT, "tenant"))
    assert ledger.when(register(VENDOR)).code == "missing_byok_credential"
    assert ledger.when(register(VENDOR, organization_id="org-1")).outcome == "accepted"


@pytest.mark.rule("billing-mode-15.17")
def test_a_key_that_an_org_default_would_forbid_is_judged_by_the_policy_in_force(ledger: Rehearsal) -> None:
    ledger.given(SetOrgDefault("t1", "platform_managed", "one bill"))
    ledger.given(ActivatePolicy("P3", "as it was", organization_id="t1"))
    outcome = ledger.when(register(VENDOR, "KIMI_API_KEY"))
    assert (outcome.code, outcome.facts["rule"]) == ("vendor_key_refused", "mode_platform_managed")
    ledger.given(ActivatePolicy("P4", "as it is", organization_id="t1"))
    assert ledger.when(register(VENDOR, "KIMI_API_KEY")).outcome == "accepted"


def test_an_org_default_can_leave_a_platform_model_without_anybody_to_pay_for_it(ledger: Rehearsal) -> None:
    ledger.given(SetOrgDefault("t1", "byok", "own keys"))
    ledger.given(ActivatePolicy("P3", "as it was", organization_id="t1"))
    assert ledger.when(register(PLATFORM_MODEL, "ANTHROPIC_API_KEY")).code == "byok_on_platform_model"


def test_without_a_registry_only_the_guard_has_something_to_say() -> None:
    ledger = Rehearsal()
    outcome = ledger.when(register("totally-made-up", "DATABASE_URL", runtime="wheelbarrow"))
    assert (outcome.code, outcome.facts["rule"]) == ("vendor_key_refused", "registry_unavailable")
    assert ledger.when(register("totally-made-up", runtime="wheelbarrow")).outcome == "accepted"
    assert ledger.when(RegisterWorkspace("other", runtime="claude-code")).outcome == "accepted"
    began = ledger.events("t1/workspace-ws")[0]
    assert isinstance(began, WorkspaceRegistered)
    assert began.faults == ("REGISTRY_UNAVAILABLE",)


@pytest.mark.rule("billing-mode-15.11")
def test_names_that_cannot_be_read_are_not_missed_and_leave_a_fault() -> None:
    ledger = Rehearsal(unreadable("tenant_credentials"))
    ledger.given(publish(), WireProxy(), tenant="platform")
    assert ledger.when(register(PLATFORM_MODEL, "ANTHROPIC_API_KEY")).code == "platform_model_blocks_vendor_key"
    answer = answer_of(ledger.when(register(VENDOR)))
    assert (answer["resolved_mode"], answer["provider_selection"]) == ("byok", "kimi-coding")
    assert answer["faults"] == ["CREDENTIALS_UNREADABLE"]
    began = ledger.events("t1/workspace-ws")[0]
    assert isinstance(began, WorkspaceRegistered)
    assert began.faults == ("CREDENTIALS_UNREADABLE",)


def test_a_workspace_that_begins_has_the_model_that_it_is_given_or_none() -> None:
    """There is nothing to read of it yet, so that a source that fails is no fault of its model."""
    ledger = Rehearsal(unreadable("model", "runtime"))
    ledger.given(publish(), WireProxy(), tenant="platform")
    for workspace_id, model in (("ws", PLATFORM_MODEL), ("other", None)):
        command = RegisterWorkspace(workspace_id, runtime="external", model=model)
        assert answer_of(ledger.when(command))["faults"] == []
        events = ledger.events(f"t1/workspace-{workspace_id}")
        assert all(event.faults == () for event in events if isinstance(event, WorkspaceRegistered | ModelSelected))


def test_a_name_that_is_given_twice_is_no_input(ledger: Rehearsal) -> None:
    (answer,) = ledger.append(ledger.submission(register(VENDOR, "KIMI_API_KEY", "kimi_api_key")))
    assert isinstance(answer, InvalidInput)
    assert (answer.code, answer.pointer) == ("invalid_value", "/credentials/1/name")


@pytest.mark.parametrize(
    ("credential", "code"),
    [
        (NamedCredential("KIMI_API_KEY"), "missing_fingerprint"),
        (NamedCredential("KIMI_API_KEY", "sk-secret"), "credential_value_not_accepted"),
        (NamedCredential("sk-secret", FINGERPRINT), "credential_value_not_accepted"),
    ],
)
def test_a_credential_is_a_name_and_a_keyed_digest(ledger: Rehearsal, credential: NamedCredential, code: str) -> None:
    command = RegisterWorkspace("ws", credentials=(*named("DATABASE_URL"), credential))
    outcome = ledger.when(command)
    assert outcome.code == code
    assert "secret" not in repr(outcome)
    assert "secret" not in repr(ledger.events("t1/refusals"))
