"""PublishRegistry: which version says who serves a model, and from when on (billing-mode 2, 4)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from domain.given import DAY, NOON, SECOND, Given, LedgerInMemory, Then, When
from domain.governance.registries import LABEL, content, publish
from usage_ledger.governance.commands import PublishRegistry
from usage_ledger.governance.events import RegistryPublished
from usage_ledger.governance.governance import Governance
from usage_ledger.timeline import format_instant
from usage_ledger.workspaces.commands import RegisterWorkspace, SelectModel
from usage_ledger.workspaces.registry.content import digest_of, read_content


def in_force(ledger: LedgerInMemory, instant: int) -> str | None:
    registry = ledger.facts.governance.registry.at(instant)
    return None if registry is None else registry.version


def test_without_a_time_it_is_in_force_at_once(ledger: LedgerInMemory, when: When, then: Then) -> None:
    when(publish())
    ((stream, published),) = then.happened.recorded
    assert isinstance(published, RegistryPublished)
    assert (stream, published.effective_from, published.reason) == ("platform/governance", NOON, "launch")
    assert published.digest == digest_of(content())
    assert msgspec.to_builtins(then.accepted()) == {
        "version": LABEL,
        "digest": digest_of(content()),
        "effective_from": format_instant(NOON),
        "standing": "in_force",
        "in_force": LABEL,
        "governance_version": 1,
    }
    assert (in_force(ledger, NOON - 1), in_force(ledger, NOON)) == (None, LABEL)


def test_who_serves_a_model_is_known_as_soon_as_a_registry_is_in_force(given: Given, when: When, then: Then) -> None:
    given(RegisterWorkspace("ws", runtime="claude-code"))
    given(publish())
    when(SelectModel("ws", "anthropic/claude-sonnet-4-6"))
    answer = then.accepted()
    assert (answer.resolved_mode, answer.provider_selection, answer.registry) == ("platform_managed", "platform", LABEL)


def test_a_later_time_announces_it_and_says_what_is_in_force_meanwhile(
    ledger: LedgerInMemory, given: Given, when: When, then: Then
) -> None:
    given(publish())
    when(publish("later", at=NOON + DAY), at=NOON + SECOND)
    answer = then.accepted()
    assert (answer.standing, answer.in_force, answer.effective_from) == ("announced", LABEL, format_instant(NOON + DAY))
    assert (in_force(ledger, NOON + DAY - 1), in_force(ledger, NOON + DAY)) == (LABEL, "later")
    assert ledger.facts.governance.next_due == NOON + DAY


def test_announcements_take_effect_in_the_order_of_their_times(ledger: LedgerInMemory, given: Given) -> None:
    given(publish("third", at=NOON + 3 * DAY), publish("first", at=NOON + DAY), publish("second", at=NOON + 2 * DAY))
    assert [in_force(ledger, NOON + days * DAY) for days in range(4)] == [None, "first", "second", "third"]
    assert ledger.facts.governance.next_due == NOON + DAY


def test_of_two_for_the_same_time_the_later_published_is_in_force(ledger: LedgerInMemory, given: Given) -> None:
    given(publish("one", at=NOON + DAY), publish("other", at=NOON + DAY))
    assert in_force(ledger, NOON + DAY) == "other"


def test_the_same_content_under_its_label_again_is_accepted_without_event(given: Given, when: When, then: Then) -> None:
    given(publish())
    text = json.dumps(msgspec.to_builtins(content()), indent=4)
    when(PublishRegistry(version=LABEL, content=text, reason="again"), at=NOON + DAY)
    assert (then.accepted().effective_from, then.accepted().governance_version) == (format_instant(NOON), 1)
    assert then.happened.recorded == ()


def test_naming_the_time_it_was_published_for_is_a_repeat_also_when_that_has_passed(
    given: Given, when: When, then: Then
) -> None:
    given(publish(at=NOON + SECOND))
    when(publish(at=NOON + SECOND), at=NOON + DAY)
    assert (then.accepted().standing, then.happened.recorded) == ("in_force", ())


def test_a_label_stands_for_one_content(ledger: LedgerInMemory, given: Given, when: When, then: Then) -> None:
    given(publish())
    when(publish(unmanaged_runtimes=("elsewhere",)))
    facts = then.refused("version_conflict")
    assert facts == {"version": LABEL, "digest": digest_of(content()), "effective_from": format_instant(NOON)}
    assert ledger.facts.governance.version == 1


def test_a_label_is_not_published_for_another_time(given: Given, when: When, then: Then) -> None:
    given(publish())
    when(publish(at=NOON + DAY))
    then.refused("version_conflict")


@pytest.mark.parametrize("reason", ["", " \t"])
def test_a_reason_is_required(when: When, then: Then, reason: str) -> None:
    when(publish(reason=reason))
    then.refused("missing_reason")


def test_nothing_is_back_dated(when: When, then: Then) -> None:
    when(publish(at=NOON - 1))
    then.refused("effective_from_in_past")


def test_nothing_is_announced_for_times_that_nobody_lives_to_see(when: When, then: Then) -> None:
    when(publish(at=NOON * 1_000))
    then.refused("effective_from_too_far")


def test_another_version_of_the_stream_than_expected_is_a_conflict(given: Given, when: When, then: Then) -> None:
    given(publish())
    when(msgspec.structs.replace(publish("next"), expected_version=0))
    assert then.refused("version_conflict") == {"current_version": "1"}
    when(msgspec.structs.replace(publish("next"), expected_version=1))
    then.accepted()


def test_every_defect_is_named(when: When, then: Then) -> None:
    providers = content().providers
    when(publish(providers=(*providers, providers[0]), closed_provider="nobody"))
    facts = then.refused("invalid_registry")
    assert facts["missing_closed_provider"] == "nobody"
    assert facts["duplicate_provider"] == providers[0].name
    assert int(facts["defects"]) >= 2


def test_of_very_many_defects_the_first_are_named_and_all_are_counted(when: When, then: Then) -> None:
    providers = tuple(msgspec.structs.replace(content().providers[0], name=f"p{number}") for number in range(500))
    when(publish(providers=(*content().providers, *providers, *providers)))
    facts = then.refused("invalid_registry")
    assert int(facts["defects"]) >= 500
    assert sum(len(places.split(", ")) for code, places in facts.items() if code != "defects") == 50


def test_the_label_is_the_one_that_the_content_says(when: When, then: Then) -> None:
    when(msgspec.structs.replace(publish(), version="another"))
    assert then.refused("invalid_registry") == {"defects": "1", "other_label": LABEL}


def members() -> dict[str, Any]:
    return msgspec.to_builtins(content())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "[" * 100_000,
        '{"format": ' * 10_000,
        json.dumps(members() | {"format": "provider-registry/2"}),
        json.dumps(members() | {"surprise": 1}),
        json.dumps({name: value for name, value in members().items() if name != "closed_provider"}),
        json.dumps(members() | {"closed_provider": ""}),
        json.dumps(members() | {"closed_provider": "a\0b"}),
        json.dumps(members() | {"closed_provider": "\ud800"}),
        json.dumps(members() | {"providers": {}}),
    ],
    ids=lambda text: text[:12] + str(len(text)),
)
def test_what_cannot_be_read_as_a_registry_is_refused(when: When, then: Then, text: str) -> None:
    when(PublishRegistry(version=LABEL, content=text, reason="r"))
    assert set(then.refused("invalid_registry")) == {"defects", "malformed"}


def test_content_has_a_largest_size(when: When, then: Then) -> None:
    text = publish().content
    when(msgspec.structs.replace(publish(), content=text + " " * (200_000 - len(text.encode()))))
    then.accepted()
    when(msgspec.structs.replace(publish(), content=text + " " * (200_001 - len(text.encode()))))
    assert then.refused("invalid_registry")["size"] == "200001 bytes, at most 200000"


def test_what_is_stored_gives_the_same_registry_back(ledger: LedgerInMemory, given: Given) -> None:
    given(publish())
    ((payload, _),) = ledger.streams["platform/governance"]
    assert isinstance(payload, RegistryPublished)
    assert read_content(payload.content.encode()) == content()


def test_governance_comes_back_from_its_snapshot_whole(ledger: LedgerInMemory, given: Given) -> None:
    given(publish("later", at=NOON + DAY), publish("now"))
    seen = ledger.facts.governance
    restored = Governance.restore(seen.snapshot(), seen.version)
    assert restored.snapshot() == seen.snapshot()
    assert restored.published.keys() == {"later", "now"}
    assert restored.next_due == NOON + DAY
    assert [restored.registry.at(NOON + days * DAY) for days in (0, 1)] == [
        seen.registry.at(NOON + days * DAY) for days in (0, 1)
    ]
