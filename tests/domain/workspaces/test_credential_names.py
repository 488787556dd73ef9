"""AddCredentialName and RemoveCredentialName: names and keyed digests, past the guard or not at all."""

from __future__ import annotations

import msgspec
import pytest

from domain.governance.registries import publish
from domain.rehearsal import START, Rehearsal, answer_of
from domain.workspaces.stored import (
    FINGERPRINT,
    OTHER_FINGERPRINT,
    PLATFORM_MODEL,
    RESERVED,
    VENDOR,
    add,
    publish_tied,
    register,
    unreadable,
)
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    RegisterWorkspace,
    RemoveCredentialName,
    SelectModel,
)
from usage_ledger.workspaces.events import CredentialNameAdded, CredentialNameRemoved, CredentialWriteRejected
from usage_ledger.workspaces.naming_credentials import MAX_NAMES
from usage_ledger.workspaces.organization import Organization

VALUE = "sk-ant-api03-verysecret"


@pytest.fixture(autouse=True)
def _governed(ledger: Rehearsal) -> None:
    ledger.given(publish(), WireProxy(), tenant="platform")


@pytest.fixture
def on_vendor_model(ledger: Rehearsal) -> None:
    ledger.given(register(VENDOR, "KIMI_API_KEY"))


@pytest.fixture
def on_platform_model(ledger: Rehearsal) -> None:
    ledger.given(register(PLATFORM_MODEL))


@pytest.mark.usefixtures("on_vendor_model")
def test_a_name_is_stored_trimmed_and_in_capitals(ledger: Rehearsal) -> None:
    answer = answer_of(ledger.when(add("  Anthropic_Api_Key\n")))
    added = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(added, CredentialNameAdded)
    assert (added.name, added.scope, added.organization_id) == ("ANTHROPIC_API_KEY", "workspace", "t1")
    assert (added.fingerprint, added.before, added.after) == (FINGERPRINT, added.after, added.after)
    assert (answer["version"], answer["resolved_mode"]) == (4, "byok")


@pytest.mark.usefixtures("on_vendor_model")
def test_the_same_again_changes_nothing_and_another_digest_is_another_fact(ledger: Rehearsal) -> None:
    before = ledger.events("t1/workspace-ws")
    ledger.given(add("kimi_api_key"))
    assert ledger.events("t1/workspace-ws") == before
    ledger.given(add("KIMI_API_KEY", OTHER_FINGERPRINT))
    rotated = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(rotated, CredentialNameAdded)
    assert rotated.fingerprint == OTHER_FINGERPRINT


@pytest.mark.usefixtures("on_platform_model")
@pytest.mark.rule("billing-mode-15.4")
def test_a_name_of_the_organization_is_not_guarded_and_seen_by_all_of_its_workspaces(ledger: Rehearsal) -> None:
    ledger.given(add("KIMI_API_KEY", scope="tenant"))
    (added,) = ledger.events("t1/organization-t1")
    assert isinstance(added, CredentialNameAdded)
    assert (added.workspace_id, added.organization_id, added.scope) == ("ws", "t1", "tenant")
    other = RegisterWorkspace("other", runtime="claude-code", model=VENDOR)
    assert ledger.when(other).outcome == "accepted"


@pytest.mark.rule("billing-mode-15.3")
@pytest.mark.usefixtures("on_platform_model")
def test_a_vendor_key_beside_a_platform_model_is_refused_and_noted(ledger: Rehearsal) -> None:
    outcome = ledger.when(add("ANTHROPIC_API_KEY"))
    assert (outcome.code, outcome.facts["rule"]) == ("platform_model_blocks_vendor_key", "platform_model")
    assert ledger.events("t1/workspace-ws")[-1] == CredentialWriteRejected(
        "ws",
        "t1",
        "workspace",
        "ANTHROPIC_API_KEY",
        "platform_model_blocks_vendor_key",
        "platform_model",
        PLATFORM_MODEL,
        "claude-code",
        "P4",
        "2026-06-12",
    )


@pytest.mark.rule("billing-mode-15.3")
@pytest.mark.usefixtures("on_platform_model")
@pytest.mark.parametrize("name", ["GOOGLE_API_KEY", "groq_api_key", "OPENAI_BASE_URL", "HF_TOKEN"])
def test_every_name_of_the_vocabulary_is_guarded_and_no_other(ledger: Rehearsal, name: str) -> None:
    assert ledger.when(add(name)).code == "platform_model_blocks_vendor_key"
    assert ledger.when(add("DATABASE_URL")).outcome == "accepted"


@pytest.mark.usefixtures("on_vendor_model")
@pytest.mark.parametrize("scope", ["workspace", "tenant"])
def test_the_platforms_own_name_is_reserved_in_any_scope(ledger: Rehearsal, scope: str) -> None:
    outcome = ledger.when(add(RESERVED.lower(), scope=scope))
    assert outcome.code == "reserved_credential_name"
    assert "rule" not in outcome.facts
    stream = "t1/organization-t1" if scope == "tenant" else "t1/workspace-ws"
    noted = ledger.events(stream)[-1]
    assert isinstance(noted, CredentialWriteRejected)
    assert (noted.code, noted.rule, noted.scope) == ("reserved_credential_name", None, scope)


@pytest.mark.parametrize(
    ("policy", "override", "model", "rule"),
    [
        ("P4", "platform_managed", VENDOR, "override_platform_managed"),
        ("P4", "byok", PLATFORM_MODEL, "platform_model"),
        ("P4", "disabled", VENDOR, None),
        ("P5", "platform_managed", VENDOR, None),
        ("P6", "byok", PLATFORM_MODEL, "platform_model"),
        ("P3", "platform_managed", VENDOR, "mode_platform_managed"),
        ("P3", "byok", PLATFORM_MODEL, None),
        ("P1", None, VENDOR, "mode_platform_managed"),
    ],
)
def test_the_policy_in_force_has_the_guard(
    ledger: Rehearsal, policy: str, override: str | None, model: str, rule: str | None
) -> None:
    ledger.given(register(model, *["KIMI_API_KEY"] * (model == VENDOR)))
    ledger.given(ChangeBillingMode("ws", override, "test"))
    ledger.given(ActivatePolicy(policy, "test"), tenant="platform")
    outcome = ledger.when(add("ANTHROPIC_API_KEY"))
    assert outcome.facts.get("rule") == rule
    assert outcome.code in {None, "vendor_key_refused", "platform_model_blocks_vendor_key"}


def test_a_name_is_judged_as_if_it_were_stored(ledger: Rehearsal) -> None:
    """One more accepted name, and the two of them choose nobody any more."""
    ledger.given(publish_tied(), tenant="platform")
    ledger.given(register("x-1", "TWO_KEY", runtime="r"))
    outcome = ledger.when(add("ONE_KEY"))
    assert (outcome.code, outcome.facts["rule"]) == ("vendor_key_refused", "model_underivable")


def test_without_a_runtime_no_vendor_is_known(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("ws", model=VENDOR))
    outcome = ledger.when(add("KIMI_API_KEY"))
    assert (outcome.code, outcome.facts["rule"]) == ("vendor_key_refused", "model_underivable")


@pytest.mark.rule("billing-mode-15.11")
@pytest.mark.parametrize(("source", "code"), [("override", "override_unreadable"), ("model", "model_underivable")])
def test_what_cannot_be_read_opens_nothing(source: str, code: str) -> None:
    ledger = Rehearsal(unreadable(source))
    ledger.given(publish(), WireProxy(), tenant="platform")
    ledger.given(RegisterWorkspace("ws"), SelectModel("ws", VENDOR, runtime="claude-code"))
    outcome = ledger.when(add("KIMI_API_KEY"))
    assert (outcome.code, outcome.facts["rule"]) == ("vendor_key_refused", code)


@pytest.mark.usefixtures("on_vendor_model")
def test_a_removed_name_is_gone_and_removing_is_never_guarded(ledger: Rehearsal) -> None:
    ledger.given(SelectModel("ws", PLATFORM_MODEL))
    answer = answer_of(ledger.when(RemoveCredentialName("ws", " kimi_api_key ")))
    removed = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(removed, CredentialNameRemoved)
    assert (removed.name, removed.scope, removed.states) == ("KIMI_API_KEY", "workspace", ())
    assert answer["states"] == []


@pytest.mark.usefixtures("on_vendor_model")
def test_scopes_do_not_share_names(ledger: Rehearsal) -> None:
    before = ledger.events("t1/workspace-ws")
    ledger.given(RemoveCredentialName("ws", "KIMI_API_KEY", "tenant"), RemoveCredentialName("ws", "DATABASE_URL"))
    assert ledger.events("t1/workspace-ws") == before
    assert ledger.events("t1/organization-t1") == []
    ledger.given(add("KIMI_API_KEY", scope="tenant"), RemoveCredentialName("ws", "KIMI_API_KEY", "tenant"))
    assert isinstance(ledger.events("t1/organization-t1")[-1], CredentialNameRemoved)
    assert ledger.events("t1/workspace-ws") == before


@pytest.mark.usefixtures("on_vendor_model")
@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "1KEY",
        "A-KEY",
        "A KEY",
        "KEY=value",
        "Ä",
        "_a" * 65,
        "K" * 21,
        "K" * 12 + "1",
        VALUE,
        "sk_live_" + "a1B2" * 6,
        "KEY\0",
    ],
)
def test_what_is_no_environment_variables_name_may_be_a_value_and_is_not_repeated(ledger: Rehearsal, name: str) -> None:
    for command in (add(name), RemoveCredentialName("ws", name)):
        outcome = ledger.when(command)
        assert outcome.code == "credential_value_not_accepted"
        assert len(name) < 4 or name not in repr(outcome)


@pytest.mark.usefixtures("on_vendor_model")
@pytest.mark.parametrize(
    "name", ["_", "A", "K" * 20, "K" * 11 + "1", "_K" * 64, "CODEX_CHATGPT_AUTH_JSON", "X509_OAUTH2"]
)
def test_words_joined_by_underscores_are_names(ledger: Rehearsal, name: str) -> None:
    assert ledger.when(add(name)).outcome == "accepted"


@pytest.mark.usefixtures("on_vendor_model")
@pytest.mark.parametrize("fingerprint", [f"hmac-sha256:{'ab' * 32}", "hmac:0123abcd", f"blake2b:{'0f' * 64}"])
def test_a_digest_that_says_how_it_was_made_is_a_fingerprint(ledger: Rehearsal, fingerprint: str) -> None:
    assert ledger.when(add("KIMI_API_KEY", fingerprint)).outcome == "accepted"


@pytest.mark.usefixtures("on_vendor_model")
@pytest.mark.parametrize(
    ("fingerprint", "code"),
    [
        ("", "missing_fingerprint"),
        (" ", "missing_fingerprint"),
        (VALUE, "credential_value_not_accepted"),
        ("ab" * 32, "credential_value_not_accepted"),
        (f":{'ab' * 32}", "credential_value_not_accepted"),
        (f"1:{'ab' * 32}", "credential_value_not_accepted"),
        (f"hmac-sha256:{'a' * 7}", "credential_value_not_accepted"),
        (f"hmac-sha256:{'a' * 129}", "credential_value_not_accepted"),
        (f"hmac-sha256:{'AB' * 32}", "credential_value_not_accepted"),
        (f"hmac-sha256:{'ab' * 32}\n", "credential_value_not_accepted"),
        (f"hmac-sha256:{VALUE}", "credential_value_not_accepted"),
    ],
)
def test_only_what_says_that_it_is_a_keyed_digest_passes_for_one(
    ledger: Rehearsal, fingerprint: str, code: str
) -> None:
    before = ledger.events("t1/workspace-ws")
    outcome = ledger.when(add("ANTHROPIC_API_KEY", fingerprint))
    assert outcome.code == code
    assert ledger.events("t1/workspace-ws") == before
    for told in (repr(outcome), repr(ledger.events("t1/refusals"))):
        assert not fingerprint.strip() or fingerprint.strip() not in told


@pytest.mark.usefixtures("on_vendor_model")
def test_names_are_bounded_at_each_scope(ledger: Rehearsal) -> None:
    for scope in ("workspace", "tenant"):
        stored = scope == "workspace"
        ledger.given(*(add(f"NAME_{number}", scope=scope) for number in range(MAX_NAMES - stored)))
        assert ledger.when(add("ONE_MORE", scope=scope)).code == "too_many_credential_names"
        assert ledger.when(add("NAME_1", OTHER_FINGERPRINT, scope=scope)).outcome == "accepted"
        ledger.given(RemoveCredentialName("ws", "NAME_1", scope))
        assert ledger.when(add("ONE_MORE", scope=scope)).outcome == "accepted"


@pytest.mark.usefixtures("on_vendor_model")
@pytest.mark.parametrize("scope", ["workspace", "tenant"])
def test_an_unknown_workspace_or_another_version_stores_nothing(ledger: Rehearsal, scope: str) -> None:
    commands: list[msgspec.Struct] = [
        AddCredentialName("other", "DATABASE_URL", FINGERPRINT, scope),
        RemoveCredentialName("other", "DATABASE_URL", scope),
    ]
    assert {ledger.when(command).code for command in commands} == {"workspace_not_found"}
    commands = [
        add("DATABASE_URL", scope=scope, expected_version=2),
        RemoveCredentialName("ws", "KIMI_API_KEY", scope, 2),
    ]
    assert {ledger.when(command).code for command in commands} == {"version_conflict"}
    assert len(ledger.events("t1/workspace-ws")) == 3


def test_a_snapshot_grows_by_what_changes_and_not_by_all_names_with_each_change() -> None:
    organization = Organization()
    names = [f"NAME_{letter}_KEY" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXY"]
    for name in names:
        organization.credentials.add(name, FINGERPRINT, START)
    few = len(organization.snapshot())
    for again in range(200):
        organization.credentials.remove(names[0], START + again)
        organization.credentials.add(names[0], FINGERPRINT, START + again)
    assert len(organization.snapshot()) < few + 400 * 40
    restored = Organization.restore(organization.snapshot(), organization.version)
    assert restored.credentials.names.changes() == organization.credentials.names.changes()
