"""The OpenAPI document, from the same structs that decode the bodies and the same codes that make the statuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from usage_ledger.entrypoints.http.credit_headers import NAMES
from usage_ledger.entrypoints.http.problems import MEDIA_TYPE, ProblemDetails
from usage_ledger.entrypoints.http.route import NDJSON, Query, Route
from usage_ledger.entrypoints.http.status_codes import status_of
from usage_ledger.entrypoints.http.usage_request import UsageBatch
from usage_ledger.usage.item import UsageItem

Schema = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_SECURITY: Final = "service_key"
_PATH_ID: Final = re.compile(r"{(\w+)(?::path)?}")
_JSON: Final = "application/json"

_PLACED: Final[Schema] = {
    "type": "object",
    "properties": {
        "position": {"type": "string", "description": "for wait_for and as_of of later reads"},
        "positions": {"type": "array", "items": {"type": "string"}, "description": "when it spans shards"},
        "outcome": {"type": "string", "enum": ["accepted", "duplicate", "refused"]},
    },
}

_FACTS: Final[Schema] = {
    "description": "what the rule saw, by name, as current_version; of atomic usage, each item's code by its id",
    "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": "string"}}],
}

_HEADERS_OF_WRITES: Final[Schema] = {
    "Idempotent-Replayed": {"description": "true: this is the first answer again", "schema": {"type": "string"}}
}

_HEADERS_OF_CREDITS: Final[Schema] = {
    header: {"description": f"`{member}` of the answer", "schema": {"type": "string"}}
    for member, header in NAMES.items()
}


def operation_of(route: Route) -> Schema:
    """What FastAPI cannot see, because handlers take the plain request."""
    operation: Schema = {"parameters": _parameters(route), "responses": _responses(route)}
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _body_schema(route.body)}}}
    if route.needs_key:
        operation["security"] = [{_SECURITY: []}]
    return operation


def document(app: FastAPI, routes: Iterable[Route]) -> Callable[[], Schema]:
    """Makes the document once, when it is first asked for."""
    made: Schema = {}

    def openapi() -> Schema:
        if not made:
            found = get_openapi(
                title=app.title,
                version=app.version,
                summary="An event-sourced usage ledger for AI gateways.",
                routes=app.routes,
            )
            made.update(found, components=_components(routes))
        return made

    return openapi


def _components(routes: Iterable[Route]) -> Schema:
    types = dict.fromkeys(
        kind for route in routes for kind in (route.body, *route.answers, *route.lines) if kind is not None
    )
    _, schemas = msgspec.json.schema_components((*types, UsageItem, ProblemDetails), ref_template=_REF)
    schemas[ProblemDetails.__name__]["additionalProperties"] = _FACTS
    key = {"type": "http", "scheme": "bearer", "description": "a service key: ulk_<key id>_<secret>"}
    return {"schemas": _with_ecma_patterns(schemas), "securitySchemes": {_SECURITY: key}}


def _with_ecma_patterns(schema: Any) -> Any:
    r"""JSON Schema's regular expressions know ``^`` and ``$``, not Python's ``\A`` and ``\Z``."""
    if isinstance(schema, Mapping):
        members = cast("Mapping[str, Any]", schema)
        return {
            name: _ecma(value) if name == "pattern" else _with_ecma_patterns(value) for name, value in members.items()
        }
    if isinstance(schema, (list, tuple)):
        return [_with_ecma_patterns(value) for value in cast("Iterable[Any]", schema)]
    return schema


def _ecma(pattern: Any) -> Any:
    return pattern.replace(r"\A", "^").replace(r"\Z", "$") if isinstance(pattern, str) else _with_ecma_patterns(pattern)


def _ref(kind: type[Any]) -> Schema:
    return {"$ref": _REF.format(name=kind.__name__)}


def _body_schema(body: type[Any]) -> Schema:
    return {"oneOf": [_ref(UsageItem), _ref(UsageBatch)]} if body is UsageBatch else _ref(body)


def _parameters(route: Route) -> list[Schema]:
    parameters = [_parameter("path", name, "", required=True) for name in _PATH_ID.findall(route.path)]
    parameters += [_query_parameter(query) for query in route.query]
    if route.idempotency_key != "none":
        required = route.idempotency_key == "required"
        summary = "the same key and body get the first answer again"
        parameters.append(_parameter("header", "Idempotency-Key", summary, required=required))
    if route.needs_key:
        parameters.append(_parameter("header", "X-Tenant", "the tenant that an admin acts for", required=False))
    return parameters


def _parameter(where: str, name: str, summary: str, *, required: bool) -> Schema:
    described = {"description": summary} if summary else {}
    return {"in": where, "name": name, "required": required, "schema": {"type": "string"}, **described}


def _query_parameter(query: Query) -> Schema:
    return {"in": "query", "name": query.name, "required": False, "schema": query.schema, "description": query.summary}


def _responses(route: Route) -> Schema:
    responses: Schema = {str(route.status): _success(route)}
    if route.other_status is not None:
        status, meaning = route.other_status
        responses[str(status)] = {**_success(route), "description": meaning}
    for status, codes in sorted(_codes_by_status(route).items()):
        responses[str(status)] = _problem(codes)
    return responses


def _success(route: Route) -> Schema:
    if not route.answers:
        return {"description": "Done."}
    is_write = route.idempotency_key != "none"
    refs = [_ref(answer) for answer in route.answers]
    schema = {"allOf": [*refs, _PLACED]} if is_write else refs[0] if len(refs) == 1 else {"oneOf": refs}
    answer: Schema = {"description": "Done.", "content": {_JSON: {"schema": schema}}}
    if route.lines:
        answer["content"][NDJSON] = {"schema": {"oneOf": [_ref(line) for line in route.lines]}}
    if not is_write:
        return answer
    return {**answer, "headers": {**_HEADERS_OF_WRITES, **(_HEADERS_OF_CREDITS if route.tells_credits else {})}}


def _codes_by_status(route: Route) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys((*route.refusals, "internal_error")):
        found.setdefault(status_of(code), []).append(code)
    return found


def _problem(codes: list[str]) -> Schema:
    named = ", ".join(f"`{code}`" for code in codes)
    return {"description": f"Codes: {named}.", "content": {MEDIA_TYPE: {"schema": _ref(ProblemDetails)}}}
