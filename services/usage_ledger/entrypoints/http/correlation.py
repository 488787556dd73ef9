"""The id that groups everything one request caused: the caller's ``X-Request-Id``, else one of ours."""

from __future__ import annotations

from typing import cast
from uuid import uuid4

import msgspec
from starlette.datastructures import Headers
from starlette.types import Scope

from usage_ledger.identifiers import Id

HEADER = "X-Request-Id"
_KEY = "usage_ledger.correlation_id"


def begin(scope: Scope) -> str:
    """Settles the id of a request. A text that is no id is replaced, not refused: it is only for finding things."""
    try:
        found = msgspec.convert(Headers(scope=scope).get(HEADER), Id)
    except msgspec.ValidationError:
        found = uuid4().hex
    scope[_KEY] = found
    return found


def of(scope: Scope) -> str:
    return cast("str", scope[_KEY])
