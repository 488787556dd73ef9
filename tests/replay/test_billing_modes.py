"""Views of billing modes are replayed like the rest, and a repair leaves what a replay gives."""

from __future__ import annotations

import pytest

from views.open_items import disabled, judged
from views.recorded import TENANT, WORKSPACE, Shard, decision, item, line
from views.workspaces import (
    BYOK,
    PLATFORM,
    decided,
    default_set,
    happens,
    moved,
    overridden,
    refused,
    registered,
    rejected,
    selected,
)
from views.workspaces import (
    stored as name_stored,
)

OWN_KEY = decision(credential="byok", route_mismatch=True)
QUARANTINE = f"{TENANT}/quarantine"
ORGANIZATION = f"organization-{TENANT}"
ROWS = {
    "workspace_billing": 2,
    "mode_history": 9,
    "decisions": 2,
    "rejected_key_writes": 2,
    "charge_mismatches": 3,
}


@pytest.fixture
def modes(history: Shard, stored, writer) -> Shard:
    """Two workspaces whose modes moved, runs, refused keys, and usage that another one paid for or that was refused."""
    happens(history, selected("kimi-for-coding", previous=None, faults=("MODEL_UNREADABLE",)))
    happens(history, registered("else", organization_id="subsidiary", states=("PLATFORM_MODE_WITHOUT_PROXY",)))
    happens(history, overridden("UNKNOWN", "else", unknown_text="Own-Key", states=("OVERRIDE_WITHOUT_EFFECT",)))
    happens(history, decided("r1", warnings=("VENDOR_KEY_ON_PLATFORM_MODEL",), withheld=("KIMI_API_KEY",)))
    happens(history, refused("r2", "platform_managed", "else"))
    happens(history, rejected())
    happens(history, rejected("GROQ_API_KEY", "unborn"), stream="refusals")
    happens(history, default_set("byok"), stream=ORGANIZATION)
    happens(history, name_stored("KIMI_API_KEY", scope="tenant"), stream=ORGANIZATION)
    happens(history, moved(PLATFORM, BYOK, "else"))
    happens(history, moved(BYOK, PLATFORM))
    history.usage(
        [item(10, attempt_id=each) for each in ("own-key", "void")],
        debits=[line(2000, "debit", 20, "lot-2")],
        balance_after=780,
        decisions=[OWN_KEY],
    )
    before, void = item(10, attempt_id="void"), item(0, attempt_id="void")
    given_back = [line(2000, "credit", 10, "lot-2")]
    history.correct([before], [void], moved=given_back, balance_after=790, decisions=[OWN_KEY], void=True)
    history.usage([item()], account_id=None, decisions=[decision(payer=None)])
    late = disabled("late", disposition="waiting", reason="run_not_decided", amount_at_risk=9, currency="USD")
    history.record(QUARANTINE, "UsageQuarantined", items=[late, disabled("refused")])
    history.record(QUARANTINE, "WaitingUsageJudged", items=[judged("late", "mode_disabled")])
    stored()
    return history


@pytest.fixture
def projected(modes: Shard, writer) -> Shard:
    """One event a batch, so that what changes does so in tables and not in memory."""
    for record in modes.on_topic():
        writer.write([record])
    return modes


def test_the_views_of_billing_modes_agree_with_history(projected, command):
    told = command("replay")
    assert (told.code, told.answer["differences"]) == (0, [])
    assert {name: told.answer["views"][name]["rows"] for name in ROWS} == ROWS


@pytest.mark.parametrize(
    ("view", "column", "value"),
    [
        ("workspace_billing", "states", "'{RESTART_PENDING}'"),
        ("mode_history", "organization_id", "'another'"),
        ("decisions", "withheld", "'{OPENAI_API_KEY}'"),
        ("rejected_key_writes", "rule", "'model_underivable'"),
        ("charge_mismatches", "exposure", "7"),
    ],
)
def test_a_value_that_was_changed_is_named(projected, owner, command, view, column, value):
    owner.execute(f"UPDATE views.{view} SET {column} = {value}")
    told = command("replay")
    assert told.code == 1
    assert {(each["view"], each["column"]) for each in told.answer["differences"]} == {(view, column)}


@pytest.mark.parametrize("stream", [WORKSPACE, f"{TENANT}/{ORGANIZATION}", QUARANTINE, f"{TENANT}/workspace-else"])
def test_a_stream_that_was_blocked_from_its_first_event_is_repaired_to_what_history_says(
    modes, writer, command, owner, stream
):
    first = next(event.position for event in modes.events if event.stream_id == stream)
    writer.write([record for record in modes.on_topic() if record.offset != first - 1])
    assert owner.execute("SELECT stream_id FROM views.blocked_streams").fetchall() == [(stream,)]
    assert command("repair", stream).code == 0
    told = command("replay")
    assert (told.code, told.answer["differences"]) == (0, [])
