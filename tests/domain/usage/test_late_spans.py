"""Usage of several spans of time at once: each item reads its own span, and the rules are asked once for each."""

from __future__ import annotations

from typing import Any

import pytest

from domain.governance.registries import publish
from domain.rehearsal import DAY, SECOND, Rehearsal
from domain.usage.metered_ledger import metered_ledger, record
from domain.workspaces.stored import FINGERPRINT, PLATFORM_MODEL, VENDOR, named, unreadable
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.workspaces import mode_at as module
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    ChangeRuntime,
    RegisterWorkspace,
    RemoveCredentialName,
    SelectModel,
    SetOrgDefault,
)
from usage_ledger.workspaces.mode_at import REMEMBERED_SPANS

CHANGES = ("byok", None, "byok", "platform_managed", "byok")
EXPECTED = ("platform_managed", "byok", "platform_managed", "byok", "platform_managed", "byok")


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The instants for which the rules are asked about usage."""
    asked: list[int] = []
    judge = module.judged_at

    def counted(sources, instant, readers_at):
        asked.append(instant)
        return judge(sources, instant, readers_at)

    monkeypatch.setattr(module, "judged_at", counted)
    return asked


@pytest.fixture
def instants(ledger: Rehearsal) -> list[int]:
    """One of each span between changes of mode, a day apart."""
    found = [ledger.now]
    for mode in CHANGES:
        ledger.wait(DAY)
        ledger.given(ChangeBillingMode("ws", mode, "r"))
        found.append(ledger.now)
    return found


def sent(instants: list[int], batch: int = 0) -> list[dict]:
    return [{"id": f"{batch}-{number}", "occurred_at": at + batch} for number, at in enumerate(instants)]


def test_a_batch_of_all_spans_asks_once_for_each_and_the_next_batch_never(
    ledger: Rehearsal, instants: list[int], judged: list[int]
) -> None:
    assert len(instants) <= REMEMBERED_SPANS
    models = ("acme/small", "acme/other", "acme/third")
    items = [item | {"id": f"{item['id']}-{model[5:]}", "model": model} for item in sent(instants) for model in models]
    answers = record(ledger, *items[::2], *items[1::2])
    assert {answer["id"].split("-")[1]: answer["mode"] for answer in answers} == {
        str(number): mode for number, mode in enumerate(EXPECTED)
    }
    assert len(judged) == len(instants)
    assert [answer["mode"] for answer in record(ledger, *sent(instants, 1))] == list(EXPECTED)
    assert len(judged) == len(instants)


def test_more_spans_than_are_remembered_are_right_as_well(ledger: Rehearsal) -> None:
    instants = []
    for number in range(2 * REMEMBERED_SPANS):
        ledger.given(ChangeBillingMode("ws", "byok" if number % 2 else "platform_managed", "r"))
        instants.append(ledger.now)
        ledger.wait(DAY)
    for batch in range(2):
        answers = record(ledger, *sent(instants, batch))
        assert [answer["mode"] for answer in answers] == ["platform_managed", "byok"] * REMEMBERED_SPANS


def test_what_is_remembered_is_forgotten_when_a_fact_arrives(ledger: Rehearsal) -> None:
    ledger.wait(SECOND)
    before = ledger.now
    assert [answer["mode"] for answer in record(ledger, {"id": "a"})] == ["platform_managed"]
    ledger.given(UnwireProxy(), tenant="platform")
    late, now = record(ledger, {"id": "b", "occurred_at": before}, {"id": "c"})
    assert (late["mode"], now["mode"]) == ("platform_managed", "byok")
    ledger.given(ChangeBillingMode("ws", "platform_managed", "r"))
    ledger.given(WireProxy(), tenant="platform")
    (after,) = record(ledger, {"id": "d"})
    assert after["mode_source"] == "workspace_override"


def test_the_rules_are_asked_once_for_each_of_very_many_workspaces(ledger: Rehearsal, judged: list[int]) -> None:
    workspaces = [f"w{number}" for number in range(300)]
    ledger.given_together(*[RegisterWorkspace(each, account_id="acc") for each in workspaces])
    judged.clear()
    for batch in range(3):
        items = [{"id": f"{batch}-{each}", "workspace_id": each} for each in workspaces]
        assert {answer["status"] for answer in record(ledger, *items)} == {"accepted"}
    assert len(judged) == len(workspaces)


KEY = AddCredentialName("vendor", "KIMI_API_KEY", FINGERPRINT)
NO_KEY = RemoveCredentialName("vendor", "KIMI_API_KEY")
TENANT_KEY = AddCredentialName("vendor", "KIMI_API_KEY", FINGERPRINT, "tenant")
OURS = ChangeBillingMode("vendor", "platform_managed", "r")


@pytest.mark.parametrize(
    ("before", "fact", "modes"),
    [
        ([OURS], ActivatePolicy("P5", "r"), ("platform_managed", "byok")),
        ([OURS], ActivatePolicy("P5", "r", organization_id="t1"), ("platform_managed", "byok")),
        ([OURS], ActivatePolicy("P5", "r", workspace_id="vendor"), ("platform_managed", "byok")),
        ([], publish("bare", runtimes=()), ("byok", "platform_managed")),
        ([ActivatePolicy("P3", "r")], SetOrgDefault("t1", "disabled", "r"), ("byok", "disabled")),
        ([ActivatePolicy("P6", "r"), NO_KEY], KEY, ("platform_managed", "byok")),
        ([ActivatePolicy("P6", "r"), NO_KEY], TENANT_KEY, ("platform_managed", "byok")),
        ([], SelectModel("vendor", PLATFORM_MODEL), ("byok", "platform_managed")),
        ([], ChangeRuntime("vendor", None), ("byok", "platform_managed")),
    ],
)
@pytest.mark.parametrize("late_first", [True, False])
def test_whatever_moves_a_mode_ends_a_span(
    ledger: Rehearsal, before: list[Any], fact: Any, modes: tuple[str, str], late_first: bool
) -> None:
    """Usage of both spans comes when all facts are known: nothing is forgotten in between."""
    vendor = RegisterWorkspace("vendor", "acc", "claude-code", VENDOR, credentials=named("KIMI_API_KEY"))
    ledger.given(publish(), tenant="platform")
    ledger.given(vendor, *before)
    late = {"id": "late", "occurred_at": ledger.now, "workspace_id": "vendor"}
    ledger.wait(DAY)
    ledger.given(fact)
    now = {"id": "now", "occurred_at": ledger.now, "workspace_id": "vendor"}
    found: dict[str, str] = {}
    for item in (late, now) if late_first else (now, late):
        (answer,) = record(ledger, item)
        found[answer["id"]] = answer.get("mode", "disabled" if answer.get("code") == "mode_disabled" else "")
    assert (found["late"], found["now"]) == modes


def test_an_answer_from_what_could_not_be_read_is_not_remembered() -> None:
    failing = ["override"]
    ledger = metered_ledger(lambda sources, instant: unreadable(*failing)(sources, instant))
    ledger.given(ChangeBillingMode("ws", "byok", "r"))
    (unread,) = record(ledger, {"id": "a"})
    failing.clear()
    (read,) = record(ledger, {"id": "b"})
    assert (unread["mode_source"], read["mode_source"]) == ("constant_fallback", "workspace_override")
    assert (unread["mode"], read["mode"]) == ("platform_managed", "byok")
