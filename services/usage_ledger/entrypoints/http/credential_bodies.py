"""Requests that name credentials: whatever is wrong with one, its answer never repeats what may be a value."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.route import Handle

_VALUES: Final = frozenset({"value", "secret", "key", "api_key", "apikey", "token", "password", "credential"})
_MEMBER: Final = re.compile(r"[a-z]{1,16}(_[a-z]{1,16}){0,3}\Z")


def without_values(handle: Handle) -> Handle:
    """The handler, whose 422 for a member that is not known tells a value from a slip of the pen.

    ``credential_value_not_accepted`` is for members that would hold a value. A name that no member of ours could have
    is left out of the pointer: it may be the value itself.
    """

    async def handled(request: Request) -> Response:
        try:
            return await handle(request)
        except InvalidRequest as invalid:
            raise _told(invalid) from None

    return handled


def _told(invalid: InvalidRequest) -> InvalidRequest:
    if invalid.code != "unknown_field":
        return invalid
    pointer = invalid.errors[0].pointer
    parent, _, member = pointer.rpartition("/")
    if member.lower() in _VALUES:
        detail = "the value of a credential is not accepted, only its name and a keyed digest"
        return InvalidRequest("credential_value_not_accepted", detail, pointer)
    return invalid if _MEMBER.match(member) else InvalidRequest(invalid.code, invalid.detail, parent)
