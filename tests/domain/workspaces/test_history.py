"""Workspace and payer keep what late usage needs, and a snapshot keeps all of it."""

from __future__ import annotations

import pytest

from domain.workspaces.expected import resolve
from usage_ledger.workspaces.events import (
    BillingOverrideCleared,
    BillingOverrideSet,
    ModelCleared,
    ModelSelected,
    PayerPinned,
    WorkspaceRegistered,
)
from usage_ledger.workspaces.payer import Payer
from usage_ledger.workspaces.workspace import EARLY_USAGE_MICROS, Workspace

BYOK = resolve(None, wired=False)
REGISTERED = WorkspaceRegistered("ws", "platform", "hermes", "default", None, BYOK)
AT = 1_000_000_000


def workspace() -> Workspace:
    folded = Workspace()
    folded.apply(REGISTERED, AT)
    folded.apply(ModelSelected("ws", "m", "user", None, BYOK, BYOK), AT)
    folded.apply(BillingOverrideSet("ws", "disabled", None, AT + 10, "r", BYOK, BYOK), AT + 10)
    folded.apply(BillingOverrideCleared("ws", "disabled", AT + 20, "r", BYOK, BYOK), AT + 20)
    return folded


def payer() -> Payer:
    folded = Payer()
    folded.apply(PayerPinned("ws", "a", None), AT)
    folded.apply(PayerPinned("ws", "b", "a"), AT + 10)
    return folded


@pytest.mark.parametrize(
    ("instant", "override"), [(AT, None), (AT + 9, None), (AT + 10, "disabled"), (AT + 19, "disabled"), (AT + 20, None)]
)
def test_the_override_counts_from_its_instant_to_the_next(instant: int, override: str | None) -> None:
    assert workspace().override.at(instant) == override


@pytest.mark.parametrize(("instant", "account"), [(AT - 1, None), (AT, "a"), (AT + 9, "a"), (AT + 10, "b")])
def test_a_pin_counts_from_its_recorded_time(instant: int, account: str | None) -> None:
    assert payer().account.at(instant) == account


def test_usage_up_to_300_s_older_than_the_workspace_reads_its_first_fact() -> None:
    known = workspace()
    assert known.facts_instant(AT + 5) == AT + 5
    assert known.facts_instant(AT - EARLY_USAGE_MICROS) == AT
    assert known.facts_instant(AT - EARLY_USAGE_MICROS - 1) is None
    assert Workspace().facts_instant(AT) is None


def test_a_workspace_comes_back_from_its_snapshot_whole() -> None:
    seen = workspace()
    restored = Workspace.restore(seen.snapshot(), seen.version)
    assert restored.snapshot() == seen.snapshot()
    assert (restored.version, restored.registered_at, restored.kind, restored.runtime.latest) == (
        4,
        AT,
        "platform",
        "hermes",
    )
    assert (restored.deployment, restored.model.latest) == ("default", "m")
    for instant in range(AT - 1, AT + 22):
        assert restored.override.at(instant) == seen.override.at(instant)
    for folded in (seen, restored):
        folded.apply(ModelCleared("ws", "m", BYOK, BYOK), AT + 30)
    assert restored.snapshot() == seen.snapshot()


def test_a_payer_comes_back_from_its_snapshot_whole() -> None:
    seen = payer()
    restored = Payer.restore(seen.snapshot(), seen.version)
    assert restored.version == 2
    assert [restored.account.at(AT + delta) for delta in (-1, 0, 10)] == [None, "a", "b"]


def test_a_blank_workspace_and_payer_survive_a_snapshot() -> None:
    assert Workspace.restore(Workspace().snapshot(), 0).registered_at is None
    assert Payer.restore(Payer().snapshot(), 0).account.latest is None
