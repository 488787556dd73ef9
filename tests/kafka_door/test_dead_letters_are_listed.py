"""Operators see what could not be taken, page by page; its bytes only when they ask; nobody else sees any."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256

import pytest

from http_door.client import Api
from waiting import eventually

BYTES = [b"nobody can read this " * times for times in (1, 500, 2)]


@pytest.fixture
def places(gateway, topic, admin) -> list[tuple[str, int, int]]:
    """Where three records that are no frames stand, in the order in which they came."""
    found = [gateway.put(topic("gateway"), value, partition=1) for value in BYTES]
    places = [(each.topic, each.partition, each.offset) for each in found]
    eventually(lambda: places[-1] in [place(letter) for letter in admin.get("/v1/dead-letters").json()["items"]])
    return places


def place(letter: dict) -> tuple[str, int, int]:
    return letter["topic"], letter["partition"], letter["offset"]


def test_a_letter_says_where_it_was_what_it_was_and_why(admin, places):
    letters = {place(letter): letter for letter in admin.get("/v1/dead-letters").json()["items"]}
    letter = letters[places[1]]
    assert (letter["reason"], letter["size"]) == ("not_a_frame", len(BYTES[1]))
    assert letter["digest"] == sha256(BYTES[1]).hexdigest()
    assert "head" not in letter


def test_an_admin_who_asks_sees_the_first_4_kilobytes(admin, places):
    letters = {place(letter): letter for letter in admin.get("/v1/dead-letters", head="true").json()["items"]}
    assert b64decode(letters[places[1]]["head"]) == BYTES[1][:4096]
    assert b64decode(letters[places[0]]["head"]) == BYTES[0]


def test_pages_go_from_the_newest_to_the_oldest_and_miss_none(admin, places):
    seen: list[tuple[str, int, int]] = []
    after: dict[str, object] = {}
    while True:
        page = admin.get("/v1/dead-letters", limit=2, **after).json()
        seen += [place(letter) for letter in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert [each for each in seen if each in places] == places[::-1]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("query", [{"head": "yes"}, {"after": "?"}, {"limit": "many"}, {"reason": "x"}])
def test_a_question_that_makes_no_sense_is_refused(admin, query):
    assert admin.get("/v1/dead-letters", **query).status_code == 422


def test_only_an_admin_may_look(admin, url, tenant):
    issued = admin.post("/v1/keys", {"scopes": ["read", "money", "usage"], "source": "s"}, tenant=tenant)
    with Api(url, issued.json()["secret"]) as reader:
        refused = reader.get("/v1/dead-letters")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")
