"""`usage-ledger publish` sends a file as a gateway would, says what became of it, and may be run again."""

import json

import pytest

from usage_ledger.entrypoints.cli.exits import run
from usage_ledger.entrypoints.cli.publish import publish

TRACE = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(f"t{n},{n},1\n" for n in range(7))
ITEM = {"id": "a", "workspace_id": "ws", "occurred_at": "2026-01-02T03:04:05Z", "model": "m", "usage": {"requests": 1}}


@pytest.fixture
def publishing(service, tmp_path, capsys):
    def command(name, content, *options, key="a-key"):
        file = tmp_path / name
        file.write_text(content)
        code = run(publish, [str(file), "--key", key, "--url", service.url, "--json", *options])
        out = capsys.readouterr().out
        return code, json.loads(out.splitlines()[-1])

    return command


def sent(service):
    return [item for request in service.requests for item in request["items"]]


def test_a_trace_is_accepted_the_first_time_and_a_duplicate_the_second(publishing):
    code, first = publishing("trace.csv", TRACE, "--workspaces", "ws")
    assert (code, first["items"], first["accepted"], first["charged"]) == (0, 7, 7, "1.75")
    code, second = publishing("trace.csv", TRACE, "--workspaces", "ws")
    assert (code, second["items"], second["duplicates"]) == (0, 7, 7)


def test_a_trace_that_was_renamed_is_the_same_trace(publishing):
    publishing("trace.csv", TRACE, "--workspaces", "ws")
    _, second = publishing("renamed.csv", TRACE, "--workspaces", "other")
    assert second["duplicates"] == 7


def test_calls_go_to_the_workspaces_in_turn_with_the_traces_time_as_a_tag(service, publishing):
    publishing("trace.csv", TRACE, "--workspaces", "a, b", "--model", "m", "--tenant", "acme")
    items = sorted(sent(service), key=lambda item: item["tags"]["trace_time"])
    assert [item["workspace_id"] for item in items] == ["a", "b", "a", "b", "a", "b", "a"]
    assert {(item["model"], item["tenant"]) for item in items} == {("m", "acme")}
    assert items[3]["usage"] == {"input_tokens": 3, "output_tokens": 1}


def test_columns_can_have_other_names(service, publishing):
    options = ["--workspaces", "ws", "--timestamp-column", "t", "--input-column", "i", "--output-column", "o"]
    publishing("trace.csv", "t,i,o\nnow,5,6\n", *options)
    assert sent(service)[0]["usage"] == {"input_tokens": 5, "output_tokens": 6}


def test_a_batch_is_as_large_as_asked_for(service, publishing):
    publishing("trace.csv", TRACE, "--workspaces", "ws", "--batch", "3")
    assert sorted(len(request["items"]) for request in service.requests) == [1, 3, 3]


@pytest.mark.parametrize("name", ["items.ndjson", "items.jsonl"])
def test_items_are_sent_as_they_are(service, publishing, name):
    code, summary = publishing(name, json.dumps(ITEM) + "\n")
    assert (code, summary["accepted"], sent(service)) == (0, 1, [ITEM])


def test_a_line_that_is_no_item_is_rejected_and_its_neighbours_are_sent(publishing):
    code, summary = publishing("items.ndjson", f"{json.dumps(ITEM)}\nnonsense\n")
    assert (code, summary["items"], summary["accepted"], summary["rejected"]) == (1, 2, 1, 1)
    assert summary["codes"] == {"unreadable_line": 1}


def test_an_item_in_conflict_makes_the_answer_no(service, publishing):
    answer = {"items": [{"id": "a", "status": "conflict", "code": "idempotency_conflict"}]}
    service.script = [lambda _: (200, answer)]
    code, summary = publishing("items.ndjson", json.dumps(ITEM))
    assert (code, summary["conflicts"], summary["codes"]) == (1, 1, {"idempotency_conflict": 1})


def test_a_file_that_is_broken_anywhere_is_not_sent_at_all(service, publishing):
    code, answer = publishing("trace.csv", TRACE + "t,x,1\n", "--workspaces", "ws", "--batch", "1")
    assert (code, service.requests) == (2, [])
    assert "line 9: ContextTokens is no whole number" in answer["error"]


def test_a_trace_without_workspaces_is_wrong_input(publishing):
    code, answer = publishing("trace.csv", TRACE)
    assert code == 2
    assert "--workspaces" in answer["error"]


def test_a_key_that_is_refused_is_wrong_set_up_and_never_shown(service, publishing, caplog):
    service.script = [lambda _: (401, {"code": "key_revoked", "title": "t", "detail": "this key was revoked"})] * 4
    code, answer = publishing("trace.csv", TRACE, "--workspaces", "ws", key="a-secret")
    assert (code, "401 key_revoked" in answer["error"]) == (2, True)
    assert "a-secret" not in json.dumps(answer) + caplog.text


def test_an_empty_file_of_items_is_done_at_once(service, publishing):
    code, summary = publishing("items.ndjson", "\n")
    assert (code, summary["items"], service.requests) == (0, 0, [])
