"""Every path looks at the same facts once, and shows what it looked at: creation, guard, selection, provision."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from domain.governance.registries import publish
from domain.rehearsal import Rehearsal, answer_of
from domain.workspaces.stored import FINGERPRINT, PLATFORM_MODEL, VENDOR, add, named, publish_tied, unreadable
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.governance.commands import ActivatePolicy
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
from usage_ledger.workspaces.events import BillingOverrideSet
from usage_ledger.workspaces.mode_sources import stored_facts
from usage_ledger.workspaces.resolver.fact_reader import FactReaders

ANSWER = ("resolved_mode", "source", "provider_selection", "derived_by", "policy", "registry", "rungs", "faults")
"""What the commands of a workspace and of a run answer alike."""

TIED = pytest.param(("r", "x-1", ("TWO_KEY",)), id="a key chooses between two matches")
"""Only at once: neither comes without the other."""

CREATIONS = [
    pytest.param(("claude-code", PLATFORM_MODEL, ()), id="platform model"),
    pytest.param(("claude-code", f" {PLATFORM_MODEL} ", ()), id="white space around it"),
    pytest.param(("claude-code", VENDOR, ("KIMI_API_KEY",)), id="vendor model and its key"),
    pytest.param(("claude-code", VENDOR, ("kimi_api_key", "openai_api_key")), id="keys in small letters"),
    pytest.param(("codex", "gpt-5.5", ("OPENAI_API_KEY",)), id="a key chooses between two arms"),
    pytest.param(("external", "whatever", ()), id="not started by the platform"),
    pytest.param((None, None, ()), id="a plain gateway client"),
]


def governed(ledger: Rehearsal, policy: str, runtime: str | None) -> None:
    ledger.given(publish(), WireProxy(), tenant="platform")
    if runtime == "r":
        ledger.given(publish_tied(), tenant="platform")
    ledger.given(ActivatePolicy(policy, "rehearsed"), tenant="platform")


def answered(answer: Any) -> dict[str, Any]:
    return {name: answer[name] for name in ANSWER}


@pytest.mark.rule("billing-mode-15.7")
@pytest.mark.parametrize("policy", ["P2b", "P4", "P5"])
@pytest.mark.parametrize("creation", [*CREATIONS, TIED])
def test_a_creation_is_judged_as_its_first_run_is(ledger: Rehearsal, creation, policy: str) -> None:
    runtime, model, names = creation
    governed(ledger, policy, runtime)
    command = RegisterWorkspace("ws", runtime=runtime, model=model, credentials=named(*names))
    created = answer_of(ledger.when(command))
    run = answer_of(ledger.when(DecideProvision("ws", "r1")))
    assert answered(created) == answered(run)


@pytest.mark.rule("billing-mode-15.7")
@pytest.mark.parametrize("creation", CREATIONS)
def test_one_command_leaves_what_several_leave(ledger: Rehearsal, creation) -> None:
    """The guard looks at the model that is given as it looks at one that is stored."""
    runtime, model, names = creation
    governed(ledger, "P4", runtime)
    at_once = RegisterWorkspace("at-once", runtime=runtime, model=model, credentials=named(*names))
    created = answer_of(ledger.when(at_once))
    ledger.given(RegisterWorkspace("ws"), ChangeRuntime("ws", runtime))
    if model is not None:
        ledger.given(SelectModel("ws", model))
    for name in names:
        ledger.given(add(name))
    one_by_one = answer_of(ledger.when(ChangeRuntime("ws", runtime)))
    assert answered(one_by_one) == answered(created)


@pytest.mark.rule("billing-mode-15.7")
def test_a_name_of_the_organization_counts_for_creation_guard_and_provision_alike(ledger: Rehearsal) -> None:
    governed(ledger, "P4", None)
    ledger.given(RegisterWorkspace("first"))
    assert ledger.when(RegisterWorkspace("ws", runtime="claude-code", model=VENDOR)).code == "missing_byok_credential"
    ledger.given(AddCredentialName("first", "KIMI_API_KEY", FINGERPRINT, "tenant"))
    ledger.given(RegisterWorkspace("ws", runtime="claude-code", model=VENDOR))
    assert answer_of(ledger.when(DecideProvision("ws", "r1")))["provision_outcome"] == "started_direct"


def shown(answer: Any) -> dict[str, Any]:
    return {name: answer[name] for name in ("workspace_override", "model", "runtime")}


@pytest.mark.rule("billing-mode-15.16")
def test_what_is_shown_is_what_was_consulted(ledger: Rehearsal) -> None:
    governed(ledger, "P4", None)
    ledger.given(RegisterWorkspace("ws", runtime="claude-code", model=f" {PLATFORM_MODEL} "))
    answer = answer_of(ledger.when(ChangeBillingMode("ws", " disabled ", "quiet")))
    assert shown(answer) == {"workspace_override": "disabled", "model": PLATFORM_MODEL, "runtime": "claude-code"}
    assert answer["rungs"][0] == {
        "name": "workspace_override",
        "state": "recognised",
        "value": "disabled",
        "decided": True,
    }


SOURCES = ("override", "org_default", "runtime", "model", "workspace_credentials", "tenant_credentials")

COMMANDS = [
    RegisterWorkspace("new", runtime="claude-code", model=VENDOR, credentials=named("KIMI_API_KEY", "OPENAI_API_KEY")),
    SelectModel("ws", "moonshot/kimi-k2.6", runtime="hermes"),
    SelectModel("ws", PLATFORM_MODEL),
    ClearModel("ws"),
    ChangeRuntime("ws", "external"),
    ChangeBillingMode("ws", "disabled", "quiet"),
    add("OPENAI_API_KEY", scope="tenant"),
    add("DATABASE_URL"),
    RemoveCredentialName("ws", "DATABASE_URL"),
    DecideProvision("ws", "r1"),
]


@pytest.mark.rule("billing-mode-15.6")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_command_reads_every_source_once(command: Any) -> None:
    """Also for its events and for its answer: between two looks a source could say another thing."""
    read: Counter[str] = Counter()
    ledger = Rehearsal(lambda sources, instant: counting(stored_facts(sources, instant), read))
    governed(ledger, "P4", None)
    ledger.given(RegisterWorkspace("ws", runtime="claude-code", model=PLATFORM_MODEL))
    read.clear()
    ledger.given(command)
    assert read == dict.fromkeys(SOURCES, 1)


def counting(readers: FactReaders, read: Counter[str]) -> FactReaders:
    def counted(name: str) -> Any:
        def reader() -> Any:
            read[name] += 1
            return getattr(readers, name)()

        return reader

    return replace(readers, **{name: counted(name) for name in SOURCES})


@pytest.mark.rule("billing-mode-15.16")
@pytest.mark.parametrize(
    ("source", "member"), [("override", "workspace_override"), ("model", "model"), ("runtime", "runtime")]
)
def test_what_could_not_be_read_is_not_shown(source: str, member: str) -> None:
    """The stored value may be another one by now: whoever saw it would take it for the one that decided."""
    failing: list[str] = []
    ledger = Rehearsal(lambda sources, instant: unreadable(*failing)(sources, instant))
    governed(ledger, "P4", None)
    ledger.given(RegisterWorkspace("ws", runtime="claude-code", model=PLATFORM_MODEL))
    ledger.given(ChangeBillingMode("ws", "disabled", "quiet"))
    failing.append(source)
    answer = answer_of(ledger.when(add("DATABASE_URL")))
    assert answer[member] is None
    assert f"{source.upper()}_UNREADABLE" in answer["faults"]


@pytest.mark.rule("billing-mode-15.16")
def test_what_a_command_wrote_is_known_from_it_though_its_source_fails() -> None:
    ledger = Rehearsal(unreadable("override"))
    governed(ledger, "P4", None)
    ledger.given(RegisterWorkspace("ws", runtime="claude-code", model=PLATFORM_MODEL))
    answer = answer_of(ledger.when(ChangeBillingMode("ws", "disabled", "quiet")))
    chosen = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(chosen, BillingOverrideSet)
    assert (answer["resolved_mode"], answer["faults"]) == (chosen.after.mode, list(chosen.faults)) == ("disabled", [])
    assert answer["workspace_override"] == "disabled"


@pytest.mark.rule("billing-mode-15.16")
def test_an_org_default_is_shown_as_it_is_stored_and_says_whether_it_was_consulted(ledger: Rehearsal) -> None:
    governed(ledger, "P3", None)
    ledger.given(SetOrgDefault("t1", "Whatever we had", "loaded", "import"))
    answer = answer_of(ledger.when(RegisterWorkspace("ws", runtime="claude-code", model=PLATFORM_MODEL)))
    assert answer["rungs"][1] == {
        "name": "org_default",
        "state": "unknown_text",
        "value": "Whatever we had",
        "decided": False,
    }
    assert answer["faults"] == ["ORG_DEFAULT_UNRECOGNISED"]
    ledger.given(ActivatePolicy("P4", "without that rung"), tenant="platform")
    answer = answer_of(ledger.when(ChangeRuntime("ws", "claude-code")))
    assert [rung["name"] for rung in answer["rungs"]] == ["workspace_override", "derived_provider", "derived_default"]
    assert answer["faults"] == []
