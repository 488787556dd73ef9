"""Turns what msgspec says about a body into a code and a JSON pointer."""

from __future__ import annotations

import re
from typing import Any, Final, cast

import msgspec

from usage_ledger.entrypoints.http.problems import InvalidRequest

_PLACE: Final = re.compile(r" - at `(?:key in )?`?\$(?P<path>.*)`\Z", re.DOTALL)
_STEP: Final = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_FIELD: Final = re.compile(r"\AObject (?P<what>missing required|contains unknown) field `(?P<name>.*)`\Z", re.DOTALL)
_GOT: Final = re.compile(r", got `(?P<type>\w+)`\Z")

ID_RULE: Final = (
    "expected 1 to 128 characters of A-Z a-z 0-9 _ . : @ - (and / in the name of a model), but not . or .. alone"
)

_NAME_MAX: Final = 256
"""A field's name comes from outside and may be as long as a body; an error need not be."""

_CODES_OF_MISSING: Final = {"reason": "missing_reason"}

_JSON_TYPES: Final[dict[type, str]] = {
    int: "int",
    float: "float",
    bool: "bool",
    str: "str",
    type(None): "null",
    list: "array",
    dict: "object",
}


def invalid_body(error: msgspec.ValidationError, body: bytes) -> InvalidRequest:
    """The 422 of a body that is JSON but not what the route takes. It never repeats a value: it could be a secret."""
    message = str(error)
    place = _PLACE.search(message)
    claim = message[: place.start()] if place else message
    pointer = _pointer(place["path"] if place else "", claim, body)
    field = _FIELD.match(claim)
    return _invalid_value(claim, pointer) if field is None else _invalid_field(field, pointer)


def _invalid_field(field: re.Match[str], pointer: str) -> InvalidRequest:
    name = field["name"][:_NAME_MAX]
    at = f"{pointer}/{_escaped(name)}"
    if field["what"] == "contains unknown":
        return InvalidRequest("unknown_field", "there is no such field", at)
    return InvalidRequest(_CODES_OF_MISSING.get(name, "missing_field"), "this field is required", at)


def _invalid_value(claim: str, pointer: str) -> InvalidRequest:
    if "matching regex" in claim:
        if pointer.endswith("/currency"):
            return InvalidRequest("invalid_currency", "expected three capital letters, as in ISO 4217", pointer)
        return InvalidRequest("invalid_id", ID_RULE, pointer)
    if claim.startswith("Invalid enum value"):
        return InvalidRequest("invalid_value", "this is none of the values that the field can have", pointer)
    return InvalidRequest("wrong_type" if _GOT.search(claim) else "invalid_value", claim, pointer)


def _pointer(path: str, claim: str, body: bytes) -> str:
    steps = ["..." if found["index"] == "..." else found["name"] or found["index"] for found in _STEP.finditer(path)]
    if steps and steps[-1] == "...":
        steps[-1:] = _key_of_wrong_type(steps[:-1], claim, body)
    return "".join(f"/{_escaped(step)}" for step in steps)


def _key_of_wrong_type(steps: list[str], claim: str, body: bytes) -> list[str]:
    """msgspec does not name the key of a map; the first value of the type that it complains about has it."""
    got = _GOT.search(claim)
    try:
        value: Any = msgspec.json.decode(body)
        for step in steps:
            value = value[int(step)] if step.isdigit() else value[step]
    except (msgspec.DecodeError, LookupError, TypeError):
        return []  # a number too long for any type; or a field whose name looks like a place
    if not isinstance(value, dict):
        return []
    entries = cast("dict[str, Any]", value).items()
    return [key[:_NAME_MAX] for key, entry in entries if got and _JSON_TYPES[type(entry)] == got["type"]][:1]


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
