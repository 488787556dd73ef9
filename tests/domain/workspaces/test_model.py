"""SelectModel and ClearModel."""

from __future__ import annotations

import msgspec
import pytest

from domain.rehearsal import Rehearsal, answer_of
from domain.workspaces.expected import FAULTS, resolve
from usage_ledger.workspaces.commands import ClearModel, RegisterWorkspace, SelectModel
from usage_ledger.workspaces.events import ModelCleared, ModelSelected

BYOK = resolve(None, wired=False)


@pytest.fixture(autouse=True)
def _registered(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("ws", model="acme/small"))


def test_a_selection_names_the_model_before(ledger: Rehearsal) -> None:
    answer = answer_of(ledger.when(SelectModel("ws", " acme/large ", "import")))
    assert ledger.events("t1/workspace-ws")[-1] == ModelSelected(
        "ws", "acme/large", "import", "acme/small", BYOK, BYOK, faults=FAULTS
    )
    assert (answer["model"], answer["version"], answer["previous_mode"]) == ("acme/large", 3, "byok")


def test_the_same_model_again_is_accepted_without_event(ledger: Rehearsal) -> None:
    assert ledger.when(SelectModel("ws", "acme/small")).outcome == "accepted"
    assert len(ledger.events("t1/workspace-ws")) == 2


def test_a_cleared_model_is_gone(ledger: Rehearsal) -> None:
    answer = answer_of(ledger.when(ClearModel("ws")))
    assert ledger.events("t1/workspace-ws")[-1] == ModelCleared("ws", "acme/small", BYOK, BYOK, faults=FAULTS)
    assert answer["model"] is None


def test_clearing_nothing_is_accepted_without_event(ledger: Rehearsal) -> None:
    ledger.given(ClearModel("ws"), ClearModel("ws"))
    assert len(ledger.events("t1/workspace-ws")) == 3


def test_a_seed_acts_only_where_no_model_is(ledger: Rehearsal) -> None:
    assert ledger.when(SelectModel("ws", "acme/large", "seed")).code == "model_already_selected"
    ledger.given(ClearModel("ws"))
    assert ledger.when(SelectModel("ws", "acme/large", "seed")).outcome == "accepted"


@pytest.mark.parametrize("command", [SelectModel("other", "m"), ClearModel("other")])
def test_an_unknown_workspace_is_not_found(ledger: Rehearsal, command: msgspec.Struct) -> None:
    assert ledger.when(command).code == "workspace_not_found"


@pytest.mark.parametrize("command", [SelectModel("ws", "m", expected_version=1), ClearModel("ws", expected_version=3)])
def test_another_version_than_expected_is_a_conflict(ledger: Rehearsal, command: msgspec.Struct) -> None:
    assert ledger.when(command).code == "version_conflict"


@pytest.mark.parametrize("fields", [{"model": " "}, {"model": "a b"}, {"model": "m", "origin": "guess"}, {}])
def test_a_model_has_a_name_and_a_known_origin(fields: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"workspace_id": "ws"} | fields, SelectModel)


@pytest.mark.parametrize("model", ["v1.", "a..", "...", " gpt-5\n"])
def test_a_name_may_end_in_dots_and_have_white_space_around_it(ledger: Rehearsal, model: str) -> None:
    sent = msgspec.json.encode({"workspace_id": "ws", "model": model})
    answer = answer_of(ledger.when(msgspec.json.decode(sent, type=SelectModel)))
    assert answer["model"] == model.strip()
