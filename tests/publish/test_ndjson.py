"""Usage items as NDJSON: what an item says stands, what it leaves out is filled in, what is none is not sent."""

import json

import pytest

from usage_ledger.gateway.ndjson import Unreadable, read_items
from usage_ledger.gateway.source_line import SourceInvalid

ITEM = {"id": "a", "workspace_id": "ws", "occurred_at": "2026-01-02T03:04:05Z", "model": "m", "usage": {"requests": 1}}


def one(line, **defaults):
    (found,) = read_items([line if isinstance(line, str) else json.dumps(line)], defaults)
    return found


def without(*names):
    return {name: value for name, value in ITEM.items() if name not in names}


def test_an_item_is_taken_as_it_is():
    item = one({**ITEM, "tags": {"team": "search"}}, model="other", tenant="acme")
    assert (item.id, item.model, item.tags, item.tenant) == ("a", "m", {"team": "search"}, "acme")


def test_what_an_item_does_not_say_is_filled_in():
    item = one(without("model", "workspace_id"), model="m2", workspace_id="ws2")
    assert (item.model, item.workspace_id) == ("m2", "ws2")


def test_an_item_without_an_id_gets_its_lines_in_every_run():
    assert one(without("id")).id == one(without("id")).id != one({**without("id"), "model": "n"}).id


def test_empty_lines_are_passed_over_and_counted_as_lines():
    found = list(read_items(["", json.dumps(ITEM), " ", "{"], {}))
    assert found[0].id == "a"
    assert found[1].line_number == 4


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "1",
        {**ITEM, "usage": {"requests": 1.0}},
        {**ITEM, "usage": {"requests": True}},
        {**ITEM, "usage": {"requests": "1"}},
        {**ITEM, "surprise": 1},
        {**ITEM, "occurred_at": "2026-01-02T03:04:05"},
        {**ITEM, "id": ".."},
        {**ITEM, "tags": {"a": "\0"}},
        without("model"),
    ],
    ids=str,
)
def test_a_line_that_would_fail_its_whole_request_is_not_sent(line):
    assert isinstance(one(line), Unreadable)


@pytest.mark.parametrize("usage", [{"requests": -1}, {"requests": 2**63}, {"no_such_unit": 1}])
def test_what_the_ledger_judges_item_by_item_is_sent(usage):
    assert one({**ITEM, "usage": usage}).usage == usage


def test_bytes_that_are_no_text_are_refused(tmp_path):
    file = tmp_path / "items.ndjson"
    file.write_bytes(b"\xff\n")
    with file.open(encoding="utf-8") as lines, pytest.raises(SourceInvalid):
        list(read_items(lines, {}))
