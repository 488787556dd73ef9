"""The OpenAPI document lists what there is: every route, its real statuses, bodies as they are really decoded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import usage_ledger
from http_door.documented import document
from usage_ledger.entrypoints.http.routes.table import ROUTES
from usage_ledger.entrypoints.http.scopes import SCOPES
from usage_ledger.entrypoints.http.status_codes import STATUS_BY_CODE, status_of
from usage_ledger.handlers import HANDLERS


@pytest.fixture
def described(door) -> dict:
    return document(door.url)


def test_every_route_is_in_the_document(described):
    listed = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert listed == {(route.method, route.path.replace(":path", "")) for route in ROUTES}


def test_every_reference_leads_somewhere(described):
    schemas = described["components"]["schemas"]
    found = set(_references(described))
    assert found
    assert all(reference.removeprefix("#/components/schemas/") in schemas for reference in found)


def test_every_call_that_needs_a_key_says_so(described):
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) == path.startswith("/v1/")
            assert ("401" in operation["responses"]) == path.startswith("/v1/")


def test_bodies_are_closed_and_patterns_are_those_of_json_schema(described):
    bodies = [schema for name, schema in described["components"]["schemas"].items() if name.endswith("Body")]
    assert len(bodies) >= 8
    assert all(schema["additionalProperties"] is False for schema in bodies)
    assert "\\A" not in str(described)


def test_what_the_path_gives_is_not_in_the_body(described):
    assert "account_id" not in described["components"]["schemas"]["RecordPurchaseBody"]["properties"]


def test_instants_are_described_as_times(described):
    expires_at = described["components"]["schemas"]["IssueServiceKeyBody"]["properties"]["expires_at"]
    assert {"type": "string", "format": "date-time"} in expires_at["anyOf"]


def test_a_secrets_hash_cannot_be_sent(described):
    properties = described["components"]["schemas"]["IssueServiceKeyBody"]["properties"]
    assert not properties.keys() & {"secret_hash", "key_id", "prefix"}


def test_the_document_needs_no_key(anonymous):
    assert anonymous.get("/openapi.json").json()["openapi"].startswith("3.")


def test_every_command_has_a_scope():
    assert set(HANDLERS) <= set(SCOPES)


def test_every_code_that_the_write_side_refuses_with_has_a_status():
    codes = set(_codes_refused_with())
    assert {"account_exists", "unknown_grant_kind", "amount_not_positive"} <= codes
    unlisted = {code for code in codes if code not in STATUS_BY_CODE}
    # Refusals by the state of things are 409 without a row of their own; each is meant to be.
    assert {code for code in unlisted if not code.endswith(("_not_found", "_exists", "_conflict"))} <= {
        "model_already_selected"
    }


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("key_revoked", 401),
        ("credits_exhausted", 402),
        ("account_suspended", 403),
        ("workspace_not_found", 404),
        ("key_not_found", 404),
        ("payment_conflict", 409),
        ("price_version_exists", 409),
        ("body_too_large", 413),
        ("unsupported_media_type", 415),
        ("missing_reason", 422),
        ("rate_limited", 429),
        ("ledger_unavailable", 503),
    ],
)
def test_a_code_has_the_status_of_the_one_table(code, status):
    assert status_of(code) == status


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _codes_refused_with() -> Iterator[str]:
    """The first argument of every ``Refusal(...)`` and ``InvalidInput(...)`` that is written out."""
    for file in Path(usage_ledger.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            if getattr(node.func, "id", "") == "Refusal":
                yield str(node.args[0].value)
