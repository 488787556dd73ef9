"""Holds an answer against the OpenAPI document: its status, its code, and every member of its body.

The document's schemas are open, so that clients live with new members. Here they are closed: a member that is not
described is a defect of the document.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"
_REF = "#/components/schemas/"


@cache
def document(url: str) -> dict[str, Any]:
    return httpx.get(f"{url}/openapi.json", timeout=60).json()


def require_documented(url: str, method: str, path: str, response: httpx.Response) -> None:
    operation = _operation(url, method, path.partition("?")[0])
    if operation is None:
        assert response.status_code in (404, 405), f"{method} {path} is no documented call"
        return
    named = f"{response.status_code} of {method} {path}"
    documented = operation["responses"].get(str(response.status_code))
    assert documented is not None, f"{named} is undocumented"
    media_type = response.headers.get("content-type", "")
    if media_type == PROBLEM:
        problem = response.json()
        assert f"`{problem['code']}`" in documented["description"], f"{problem['code']} is undocumented"
        assert problem["status"] == response.status_code
    if "content" in documented:
        assert media_type in documented["content"], f"{named} has an undocumented media type {media_type}"
        schema = documented["content"][media_type]["schema"]
        for body in response.text.splitlines() if media_type == NDJSON else [response.text]:
            _require_shape(url, schema, json.loads(body), named)


def _require_shape(url: str, schema: dict[str, Any], body: Any, named: str) -> None:
    described = document(url)["components"]["schemas"]
    closed = {name: _closed(each) for name, each in described.items()}
    whole = {**_merged(schema, described), "components": {"schemas": closed}}
    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(body)]
    assert not errors, f"the body of {named} is not as documented: {errors}"


def _merged(schema: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """What a write answers is its own members and those of every write: together they are all there may be."""
    if "allOf" not in schema:
        return schema
    parts = [described[part["$ref"].removeprefix(_REF)] if "$ref" in part else part for part in schema["allOf"]]
    properties = {name: _closed(each) for part in parts for name, each in part["properties"].items()}
    required = [name for part in parts for name in part.get("required", ())]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _closed(each) for name, each in schema.items()}
    is_struct = schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
    return {"additionalProperties": False, **inner} if is_struct else inner


@cache
def _operations(url: str) -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    found = [
        (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path)), operation)
        for path, operations in document(url)["paths"].items()
        for method, operation in operations.items()
    ]
    # A path without a parameter is meant before one that its last part could fill.
    return sorted(found, key=lambda each: "[" in each[1].pattern)


def _operation(url: str, method: str, path: str) -> dict[str, Any] | None:
    return next((each for its, pattern, each in _operations(url) if its == method and pattern.fullmatch(path)), None)
