"""Every source is read once and can fail by itself; what cannot be read never passes for what is not there."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from domain.workspaces.modes.questions import PACKAGED
from usage_ledger.workspaces.resolver.fact_reader import FactReaders, FactUnreadable, take_snapshot
from usage_ledger.workspaces.resolver.inputs import ABSENT, UNREADABLE, Input
from usage_ledger.workspaces.resolver.key_write import refuse_key
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.resolver.resolve import resolve

RECORDED = {
    "override": "byok",
    "org_default": " Disabled ",
    "runtime": "claude-code",
    "model": " kimi-for-coding ",
    "workspace_credentials": (" kimi_api_key ",),
    "tenant_credentials": ("HF_TOKEN",),
}


def readers(reads: Counter | None = None, failing=(), **others) -> FactReaders:
    def reader(name, value):
        def read():
            if reads is not None:
                reads[name] += 1
            if name in failing:
                raise FactUnreadable
            return value

        return read

    return FactReaders(
        **{name: reader(name, value) for name, value in {**RECORDED, **others}.items()}, is_proxy_wired=False
    )


@pytest.mark.rule("billing-mode-15.6")
def test_every_source_is_read_exactly_once():
    reads = Counter()
    take_snapshot(readers(reads))
    assert reads == Counter(dict.fromkeys(RECORDED, 1))


@pytest.mark.rule("billing-mode-15.6")
def test_a_source_that_changes_its_answer_cannot_split_a_decision():
    models = iter(["kimi-for-coding", "anthropic/claude-opus-4-7"])
    facts = take_snapshot(msgspec.structs.replace(readers(override=None), model=lambda: next(models)))
    run = provision(facts, PACKAGED, POLICIES["P4"])
    assert (run.resolved.provider, run.resolved.mode, run.outcome) == ("kimi-coding", "byok", "started_direct")
    assert run.withheld == {"HF_TOKEN"}
    assert refuse_key("KIMI_API_KEY", "workspace", facts, PACKAGED, POLICIES["P4"]) is None
    assert next(models) == "anthropic/claude-opus-4-7", "nobody asked again"


def test_text_is_normalised():
    facts = take_snapshot(readers())
    assert facts.override == Input("recognised", "byok")
    assert facts.org_default == Input("recognised", "disabled")
    assert facts.model == Input("recognised", "kimi-for-coding")
    assert facts.credentials.available() == {"KIMI_API_KEY", "HF_TOKEN"}


@pytest.mark.parametrize("text", [" byok", "BYOK", "byokk", ""])
def test_an_override_is_compared_exactly_and_shown_as_stored(text):
    assert take_snapshot(readers(override=text)).override == Input("unknown_text", text)


def test_an_unknown_org_default_is_shown_as_stored():
    assert take_snapshot(readers(org_default=" junk ")).org_default == Input("unknown_text", " junk ")


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_model_and_a_blank_runtime_are_absent(blank):
    facts = take_snapshot(readers(model=blank, runtime=blank))
    assert (facts.model, facts.runtime) == (ABSENT, ABSENT)


def test_before_there_is_a_workspace_its_override_is_not_read():
    reads = Counter()
    facts = take_snapshot(readers(reads), has_workspace=False)
    assert (facts.override, reads["override"]) == (ABSENT, 0)


@pytest.mark.parametrize("override", [Input("recognised", "disabled"), Input("unknown_text", "byokk"), UNREADABLE])
def test_before_there_is_a_workspace_there_is_no_override_to_obey(override):
    asked = msgspec.structs.replace(take_snapshot(readers(), has_workspace=False), override=override)
    for policy in POLICIES.values():
        without = resolve(msgspec.structs.replace(asked, override=ABSENT), PACKAGED, policy)
        assert resolve(asked, PACKAGED, policy) == without


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("override", "OVERRIDE_UNREADABLE"),
        ("org_default", "ORG_DEFAULT_UNREADABLE"),
        ("runtime", "RUNTIME_UNREADABLE"),
        ("model", "MODEL_UNREADABLE"),
        ("workspace_credentials", "CREDENTIALS_UNREADABLE"),
        ("tenant_credentials", "CREDENTIALS_UNREADABLE"),
    ],
)
def test_a_failing_source_is_a_fault_of_its_own_and_prevents_no_decision(source, fault):
    facts = take_snapshot(readers(failing=[source]))
    answer = resolve(facts, PACKAGED, POLICIES["P3"])
    assert answer.faults == (fault,)
    if source in ("runtime", "model"):
        assert (getattr(facts, source), answer.how) == (UNREADABLE, f"{source}_unreadable")


@pytest.mark.parametrize(
    ("policy", "faults"),
    [
        ("P1", ("OVERRIDE_UNRECOGNISED", "ORG_DEFAULT_UNRECOGNISED", "REGISTRY_UNAVAILABLE")),
        ("P3", ("OVERRIDE_UNRECOGNISED", "ORG_DEFAULT_UNRECOGNISED", "REGISTRY_UNAVAILABLE")),
        ("P4", ("OVERRIDE_UNRECOGNISED", "REGISTRY_UNAVAILABLE")),
        ("P5", ("REGISTRY_UNAVAILABLE",)),
    ],
)
def test_faults_of_override_and_org_default_are_told_only_where_they_are_rungs(policy, faults):
    facts = take_snapshot(readers(override="byokk", org_default="junk"))
    assert resolve(facts, None, POLICIES[policy]).faults == faults


def test_an_unreadable_override_stops_the_walk_and_its_rung_says_so():
    facts = take_snapshot(readers(failing=["override"]))
    (rung,) = [rung for rung in resolve(facts, PACKAGED, POLICIES["P4"]).trail if rung.decided]
    assert (rung.name, rung.state, rung.value) == ("workspace_override", "unreadable", "byok")


def test_provider_and_how_are_told_although_a_rung_above_decided():
    answer = resolve(take_snapshot(readers()), PACKAGED, POLICIES["P1"])
    assert (answer.source, answer.provider, answer.how) == ("workspace_override", "kimi-coding", "exact")
    assert msgspec.structs.asdict(answer.resolution())["provider"] == "kimi-coding"
