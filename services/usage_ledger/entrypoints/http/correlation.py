"""The id that groups everything one request caused: the caller's ``X-Request-Id``, else one of ours."""

from __future__ import annotations

from typing import cast

import msgspec
from starlette.types import Scope

from usage_ledger.adapters.clock import random_id
from usage_ledger.identifiers import Id

HEADER = "X-Request-Id"
_HEADER_BYTES = HEADER.lower().encode()
_KEY = "usage_ledger.correlation_id"


def begin(scope: Scope) -> str:
    """Settles the id of a request. A text that is no id is replaced, not refused: it is only for finding things."""
    given = next((value for name, value in scope["headers"] if name == _HEADER_BYTES), None)
    found = scope[_KEY] = random_id() if given is None else _id_or_new(given.decode("latin-1"))
    return found


def _id_or_new(text: str) -> str:
    try:
        return msgspec.convert(text, Id)
    except msgspec.ValidationError:
        return random_id()


def of(scope: Scope) -> str:
    return cast("str", scope[_KEY])
