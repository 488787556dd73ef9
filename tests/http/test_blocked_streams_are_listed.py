"""Operators see what the views do not go on with, page by page; nobody else does."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from usage_ledger_views.reading.page import cursor_after


@pytest.fixture
def block(http_database, tenant):
    """Blocks streams of the test's tenant, the first one longest ago."""
    with psycopg.connect(make_conninfo(http_database, user="ledger_projector"), autocommit=True) as connection:

        def add(*names: str) -> list[str]:
            streams = [f"{tenant}/{name}" for name in names]
            for age, stream in enumerate(reversed(streams)):
                row = "(%s, 1, 'gap', 'why', 4, 5, 2, now() - %s * interval '1 s')"
                connection.execute(f"INSERT INTO views.blocked_streams VALUES {row}", (stream, age))
            return streams

        yield add
        connection.execute("DELETE FROM views.blocked_streams WHERE starts_with(stream_id, %s)", (tenant,))


def listed(admin, tenant, **query):
    response = admin.send("GET", "/v1/blocked-streams", params=query or None, headers={"X-Tenant": tenant})
    assert response.status_code == 200, response.text
    return response.json()


def test_each_says_why_it_is_blocked_and_what_mends_it(admin, tenant, block):
    (stream,) = block("account-main")
    (found,) = listed(admin, tenant)["items"]
    assert found.pop("blocked_at").endswith("Z")
    assert found == {
        "stream": stream,
        "shard": 1,
        "reason": "gap",
        "detail": "why",
        "position": "1-5",
        "last_version": 2,
        "repair": f"usage-ledger repair {stream}",
    }


def test_pages_go_from_the_oldest_on_and_miss_none(admin, tenant, block):
    streams = block("account-c", "account-a", "account-b")
    first = listed(admin, tenant, limit=2)
    second = listed(admin, tenant, limit=2, after=first["next"])
    assert [each["stream"] for each in first["items"] + second["items"]] == streams
    assert second["next"] is None


def test_without_a_tenant_all_are_listed(admin, block):
    streams = set(block("account-main", "metered-ws"))
    answer = admin.get("/v1/blocked-streams", limit=250).json()
    assert streams <= {each["stream"] for each in answer["items"]}
    assert "recorded_at" in answer["as_of"]


@pytest.mark.parametrize(
    "query",
    [
        {"after": "?"},
        {"after": cursor_after((0, "a\0"))},
        {"after": cursor_after((0,))},
        {"limit": "many"},
        {"tenant": "x"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(admin, query):
    assert admin.get("/v1/blocked-streams", **query).status_code == 422


def test_only_an_admin_may_look(owner):
    refused = owner.get("/v1/blocked-streams")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")
