"""A table of billing-mode scenarios with a mistake is not played: file, line, case, step and field are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from usage_ledger.scenarios.reading.formats import read_cases
from usage_ledger.scenarios.reading.misfit import ScenarioInvalid

TABLE = (Path(__file__).parent / "billing-mode-scenarios.csv").read_text()


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (",withheld_names,", ",withheld,", ":1: the table has no column withheld_names"),
        ("basis,note\n", "basis,note,more\n", ":1: the column more is not known"),
        ("key,1,P4,", "key,1,P9,", ":2: case create-vendor-model-without-key, step 1: policy is 'P9'"),
        (",P4,wired,", ",P4,plugged,", "proxy is 'plugged'"),
        (",missing,workspace,", ",gone,workspace,", "workspace_state is 'gone'"),
        (",missing,workspace,", ",missing,office,", "workspace_kind is 'office'"),
        (",none,absent,none,", ",none,blank,none,", "model_state is 'blank'"),
        (",none,none,absent,", ",none,opus,absent,", "model is 'opus', and model_state 'absent'"),
        (",workspace,none,none,absent,", ",workspace,hermes,none,absent,", "runtime is 'hermes', and there is no"),
        (",readable,Register", ",dim,Register", "credentials_state is 'dim'"),
        (",refused,MISSING", ",denied,MISSING", "expected_result is 'denied'"),
        ("key,1,P4,wired", "key,2,P4,wired", "case create-vendor-model-without-key: step is '2'; the next one is 1"),
        ("RegisterWorkspace,", "RegisterWorkplace,", "step 1: command: RegisterWorkplace is not known"),
        ("runtime=claude-code; model", "runtime; model", "command_fields: 'runtime' is no field=value"),
        ("runtime=claude-code; model", "run=claude-code; model", "command_fields, run: unknown field; known are"),
        ("runtime=claude-code; model", "model=x; model", "command_fields, model: stands twice"),
        ("model=kimi-for-coding", "model=kimi for coding", "command_fields: Expected `str` matching regex"),
        ("clear=yes", "clear=no", "command_fields, clear: expected yes, found 'no'"),
        ("mode=BYOK", "mode=byok; clear=yes", "command_fields, mode: unknown field; known are clear"),
        (
            ",refused,MISSING_BYOK_CREDENTIAL",
            ",refused",
            "case create-vendor-model-without-key: the row has not as many",
        ),
        ("reserved-name-at-tenant-scope", "create-without-model", "the steps of a case stand one after another"),
    ],
)
def test_a_mistake_in_a_table_is_told_and_nothing_is_played(tmp_path, right, wrong, said):
    assert right in TABLE
    file = tmp_path / "table.csv"
    file.write_text(TABLE.replace(right, wrong, 1))
    with pytest.raises(ScenarioInvalid) as invalid:
        read_cases([file])
    assert said in str(invalid.value)


EXAMPLE = Path(__file__).parents[2] / "services/usage_ledger/scenarios/examples/billing-modes.csv"
EDIT = EXAMPLE.read_text()


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("version=2026-06-29; ", "", "command_fields, version: is missing"),
        ("runtime=hermes; ", "", "command_fields, runtime: is missing"),
        ("provider=platform", "provider=nobody", "command_fields: nobody is not as the change finds it"),
        ("add_model=minimax/", "remove_model=minimax/", "is not as the change finds it"),
    ],
)
def test_a_mistake_in_an_edit_of_the_registry_is_told(tmp_path, right, wrong, said):
    assert right in EDIT
    file = tmp_path / "table.csv"
    file.write_text(EDIT.replace(right, wrong, 1))
    with pytest.raises(ScenarioInvalid, match=said):
        read_cases([file])


def test_a_second_edit_is_made_of_the_first_one_unless_that_was_refused(tmp_path):
    row = next(line for line in EDIT.splitlines() if line.startswith("registry-edit,1"))
    again = row.replace("registry-edit,1", "registry-edit,2").replace("version=2026-06-29", "version=2026-06-30")
    file = tmp_path / "table.csv"
    header = EDIT.splitlines()[0]
    file.write_text(f"{header}\n{row}\n{again}")
    with pytest.raises(ScenarioInvalid, match=r"step 2: command_fields: .* is not as the change finds it"):
        read_cases([file])
    file.write_text(f"{header}\n{row.replace(',accepted,none', ',refused,INVALID_REGISTRY')}\n{again}")
    assert len(read_cases([file])[0].steps) == 2
