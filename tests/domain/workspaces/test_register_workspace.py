"""RegisterWorkspace: all or nothing, with its first model and its first payer."""

from __future__ import annotations

import msgspec
import pytest

from domain.rehearsal import Rehearsal, answer_of
from domain.workspaces.expected import FAULTS, resolve
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.workspaces.commands import RegisterWorkspace
from usage_ledger.workspaces.events import ModelSelected, PayerPinned, WorkspaceRegistered

BYOK = resolve(None, wired=False)
WITHOUT_KEY = ("BYOK_WITHOUT_ACCEPTED_CREDENTIAL",)


def test_a_workspace_begins_with_the_resolution_that_it_has(ledger: Rehearsal) -> None:
    outcome = ledger.when(RegisterWorkspace("ws"))
    assert outcome.outcome == "accepted"
    assert ledger.events("t1/workspace-ws") == [
        WorkspaceRegistered("ws", "workspace", None, "default", before=None, after=BYOK, faults=FAULTS)
    ]
    answer = answer_of(outcome)
    assert (answer["version"], answer["resolved_mode"], answer["source"]) == (1, "byok", "derived_default")
    assert answer["previous_mode"] is None


def test_model_and_payer_are_set_in_the_same_append(ledger: Rehearsal) -> None:
    ledger.given(OpenAccount("acc", "org", "USD"))
    command = RegisterWorkspace("ws", account_id="acc", model="  acme/small ", runtime="hermes", kind="platform")
    assert ledger.when(command).outcome == "accepted"
    assert ledger.events("t1/workspace-ws") == [
        WorkspaceRegistered(
            "ws", "platform", "hermes", "default", before=None, after=BYOK, states=WITHOUT_KEY, faults=FAULTS
        ),
        ModelSelected("ws", "acme/small", "user", None, before=BYOK, after=BYOK, states=WITHOUT_KEY, faults=FAULTS),
    ]
    assert ledger.events("t1/payer-ws") == [PayerPinned("ws", "acc", None)]


def test_blank_runtime_and_model_are_absent(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("ws", runtime="  ", model=""))
    assert ledger.events("t1/workspace-ws") == [
        WorkspaceRegistered("ws", "workspace", None, "default", before=None, after=BYOK, faults=FAULTS)
    ]


def test_a_registered_workspace_is_not_registered_again(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("ws"))
    assert ledger.when(RegisterWorkspace("ws")).code == "workspace_exists"
    assert len(ledger.events("t1/workspace-ws")) == 1


def test_an_unknown_account_leaves_no_workspace_behind(ledger: Rehearsal) -> None:
    assert ledger.when(RegisterWorkspace("ws", account_id="acc")).code == "account_not_found"
    assert ledger.streams == {"t1/refusals"}


def test_an_account_of_another_tenant_is_not_found(ledger: Rehearsal) -> None:
    ledger.given(OpenAccount("acc", "org", "USD"), tenant="t2")
    assert ledger.when(RegisterWorkspace("ws", account_id="acc")).code == "account_not_found"


@pytest.mark.parametrize("name", ["a b", "ä", ".", " .. ", "x" * 129, "a\tb"])
def test_an_impossible_model_or_runtime_is_no_command(name: str) -> None:
    for field in ("model", "runtime"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"workspace_id": "ws", field: name}, RegisterWorkspace)
