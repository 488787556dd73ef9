"""Every call of the OpenAPI document is made, rightly and wrongly: the client holds each answer against the document.

What is there for a right call is in ``http_door.operations``; that no call is missing there is the scope matrix's test.
"""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from http_door import documented
from http_door.client import IDEMPOTENCY_KEY, Api
from http_door.operations import CALLS, PUBLIC, Operation, path_of

MONTH = "2021-03"
"""Months are facts of the whole deployment, and closed once: this one is these tests' own."""

each_call = pytest.mark.parametrize("operation", CALLS, ids=" ".join)


@pytest.fixture
def make(admin: Api, key_of, tenant: str, furnished: dict[str, str]):
    """Makes the call for the furnished tenant with a key that may."""

    def call(operation: Operation, body: object = None, query: object = None) -> httpx.Response:
        method, _ = operation
        scope = CALLS[operation].scope
        is_admin = scope in ("admin", PUBLIC)
        api = admin if is_admin else key_of(scope, source="elsewhere")
        headers = {IDEMPOTENCY_KEY: uuid4().hex} | ({"X-Tenant": tenant} if scope == "admin" else {})
        sent = {"params": query} if method == "GET" else {"json": body}
        return api.send(method, path_of(operation, month=MONTH, **furnished), headers=headers, **sent)

    return call


@each_call
def test_a_right_call_is_answered_as_documented(make, operation: Operation) -> None:
    call = CALLS[operation]
    response = make(operation, call.body, call.query or None)
    assert response.status_code == call.status, response.text


@pytest.mark.parametrize("operation", [each for each, call in CALLS.items() if call.wrong is not None], ids=" ".join)
def test_a_wrong_call_is_refused_as_documented(make, operation: Operation) -> None:
    response = make(operation, CALLS[operation].wrong, CALLS[operation].wrong)
    assert response.status_code == 422, response.text


def test_every_write_is_also_called_wrongly() -> None:
    assert [operation for operation, call in CALLS.items() if operation[0] != "GET" and call.wrong is None] == []


SCHEMA = {"type": "object", "properties": {"known": {"type": "string"}}, "required": ["known"]}


@pytest.mark.parametrize("body", [{}, {"known": 1}, {"known": "x", "new": 1}])
def test_an_answer_with_a_missing_a_wrong_or_an_undocumented_member_is_noticed(
    monkeypatch: pytest.MonkeyPatch, body: dict[str, object]
) -> None:
    described = {"components": {"schemas": {"Answer": SCHEMA}}}
    monkeypatch.setattr(documented, "document", lambda _: described)
    reference = {"$ref": "#/components/schemas/Answer"}
    documented._require_shape("url", reference, {"known": "x"}, "an answer")
    with pytest.raises(AssertionError, match="is not as documented"):
        documented._require_shape("url", reference, body, "an answer")
