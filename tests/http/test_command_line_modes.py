"""`usage-ledger mode …`: pictures for people, the service's own answer for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from http_door.usage import item
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.entrypoints.cli import cli
from usage_ledger.entrypoints.cli.exits import run


@pytest.fixture
def ask(door, owner, capsys, monkeypatch):
    """Runs `mode …` against the door with the owner's key; answers the exit code and what was said."""
    monkeypatch.setenv("USAGE_LEDGER_KEY", owner.key)
    monkeypatch.setenv("COLUMNS", "240")

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(cli, ["mode", *arguments, "--url", door.url])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def run_decided(owner, workspace) -> None:
    owner.accepted("/v1/workspaces/ws/runs", {"run_id": "r1"})


@pytest.fixture
def byok(owner, run_decided) -> None:
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "own [contract]"})


def told(out: str) -> dict:
    return json.loads(out.splitlines()[-1])


def test_why_marks_the_rung_that_decided_and_tells_the_cause(ask, byok):
    code, out, _ = ask("why", "ws")
    assert code == 0
    assert out.startswith("ws is byok, decided by workspace_override")
    rungs = {line.split()[1]: line.split()[0] for line in out.splitlines() if line[:1] in "●○·" and line.split()}
    assert rungs == {"workspace_override": "●", "derived_provider": "·", "derived_default": "·"}
    assert "from platform_managed: BillingOverrideSet by service_key" in out
    assert '"own [contract]"' in out
    assert "RESTART_PENDING" in out
    assert "Its current run is r1." in out


def test_programs_get_the_services_own_answer(ask, owner, byok):
    code, out, _ = ask("why", "ws", "--json")
    answer = owner.get("/v1/workspaces/ws/billing-mode/why").json()
    assert code == 0
    assert {**told(out), "known_at": 0, "as_of": 0} == {**answer, "known_at": 0, "as_of": 0}


def test_the_mode_can_be_asked_for_another_time_and_by_other_rules(ask, owner, run_decided):
    position = owner.get("/v1/workspaces/ws/billing-mode").json()["as_of"]["position"]
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "r"})
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert ask("at", "ws")[1].startswith("ws is byok")
    assert ask("at", "ws", position)[1].startswith("ws is platform_managed")
    assert ask("at", "ws", tomorrow, "--known-at", position)[1].startswith("ws is platform_managed")
    assert "Judged by P5" in ask("at", "ws", "--policy", "P5")[1]
    assert ask("at", "ws", "--policy", "P7")[0] == 2


def test_a_run_is_shown_beside_todays_answer(ask, byok):
    code, out, _ = ask("run", "r1")
    assert code == 0
    assert out.startswith("r1 of ws was decided")
    assert "Today the rules answer byok" in out
    assert "A restart is pending" in out
    assert ask("run", "r0")[0] == 2


def test_history_is_a_timeline_with_a_mark_where_the_mode_moved(ask, tenant, byok, views):
    views()
    lines = [line for line in ask("history", "ws")[1].splitlines() if "override" in line]
    assert "●" in lines[0]
    assert "platform_managed → byok" in lines[0]
    assert "own [contract]" in lines[0]
    assert ask("history", "--organization", tenant)[0] == 0
    assert ask("history")[0] == 2


@pytest.fixture
def registered(admin, owner, workspace, views, tenant) -> None:
    """A workspace on a platform model that chose byok, and a key that was refused; for this tenant alone judged."""
    label = f"cli-{tenant}"
    content = msgspec.to_builtins(msgspec.structs.replace(packaged_content(), version=label))
    admin.accepted("/v1/registries", {"version": label, "reason": "r", "content": content})
    owner.accepted("/v1/workspaces", {"workspace_id": "on-model", "runtime": "codex", "model": platform_model()})
    owner.put("/v1/workspaces/on-model/billing-mode", {"mode": "byok", "reason": "r"})
    refused = owner.post(
        "/v1/workspaces/on-model/credentials",
        {"name": "OPENAI_API_KEY", "fingerprint": f"hmac-sha256:{'0' * 64}", "scope": "workspace"},
    )
    assert refused.status_code == 409
    views()


def platform_model() -> str:
    content = packaged_content()
    arms = next(each.arms for each in content.runtimes if each.name == "codex")
    return next(arm.models[0] for arm in arms if arm.provider == content.closed_provider)


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("stale", "OVERRIDE_AGAINST_MODEL"),
        ("unsatisfiable", "BYOK_ON_PLATFORM_MODEL"),
        ("rejected", "OPENAI_API_KEY"),
    ],
)
def test_what_somebody_should_look_at_is_listed(ask, registered, question, shown):
    code, out, _ = ask(question)
    assert code == 0
    assert "on-model" in out
    assert shown in out
    assert told(ask(question, "--json")[1])["items"]


def test_refused_keys_are_judged_by_another_policy(ask, registered):
    out = ask("rejected", "--policy", "P1")[1]
    assert "under P1" in out
    assert any("on-model" in line and line.rstrip().endswith("accepted") for line in out.splitlines())


@pytest.mark.parametrize("question", ["keys", "fallbacks", "mismatches"])
def test_a_list_with_nothing_in_it_is_an_answer(ask, workspace, views, question):
    views()
    assert ask(question)[0] == 0
    assert told(ask(question, "--json")[1])["items"] == []


def test_usage_on_the_platforms_key_under_byok_is_a_mismatch(ask, owner, byok, model, views):
    owner.record(item(model, id="a1", credential="platform"))
    views()
    out = ask("mismatches")[1]
    assert any("platform_key_under_byok" in line and "ws" in line for line in out.splitlines())


def test_what_if_tells_directions_gates_and_flips_and_changes_nothing(ask, owner, registered):
    code, out, _ = ask("what-if", "--policy", "P5", "--proxy", "wired")
    assert code == 0
    assert "1 of 2 workspaces flip" in out
    assert "byok → platform_managed" in out
    assert any("on-model" in line and "derived_provider" in line for line in out.splitlines())
    assert "The platform would start to pay for 1." in out
    assert owner.get("/v1/workspaces/on-model/billing-mode").json()["resolved_mode"] == "byok"


def test_what_if_answers_programs_like_the_service_and_writes_every_flip(ask, owner, registered, tmp_path):
    facts, flips = tmp_path / "facts.json", tmp_path / "flips.ndjson"
    facts.write_text(json.dumps({"workspaces": [{"workspace_id": "ws", "override": "disabled"}]}))
    code, out, _ = ask("what-if", "--policy", "P4", "--facts", str(facts), "--flips", str(flips), "--json")
    body = {"policy": "P4", "facts": json.loads(facts.read_text())}
    expected = owner.post("/v1/what-if/billing-mode", body).json()
    assert code == 0
    assert {**told(out), "as_of": 0} == {**expected, "as_of": 0}
    assert [json.loads(line) for line in flips.read_text().splitlines()] == expected["flips"]


def test_what_if_takes_a_registry_by_its_label_or_from_a_file(ask, registered, tenant, tmp_path):
    assert ask("what-if", "--registry", f"cli-{tenant}")[0] == 0
    file = tmp_path / "registry.json"
    file.write_text(json.dumps({"content": msgspec.to_builtins(packaged_content())}))
    assert ask("what-if", "--registry", str(file))[0] == 0
    assert "registry_not_found" in ask("what-if", "--registry", "no-such-label")[2]


@pytest.mark.parametrize("text", ["{", "[]"])
def test_facts_that_are_no_object_are_the_askers_mistake(ask, workspace, tmp_path, text):
    facts = tmp_path / "facts.json"
    facts.write_text(text)
    assert ask("what-if", "--facts", str(facts))[0] == 2


def test_what_is_not_there_exits_2_and_who_does_not_answer_exits_3(ask, workspace):
    assert ask("why", "nobody")[0] == 2
    assert run(cli, ["mode", "what-if", "--url", "http://127.0.0.1:1"]) == 3
