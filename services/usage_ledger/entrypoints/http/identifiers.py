"""Ids that come in a path, a query or a header, checked like those in a body."""

from __future__ import annotations

import msgspec

from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.validation import ID_RULE
from usage_ledger.identifiers import Id


def valid_id(text: str, place: str) -> str:
    """The text, if it is an id. Raises InvalidRequest ``invalid_id``; ``place`` tells the client which one."""
    try:
        return msgspec.convert(text, Id)
    except msgspec.ValidationError:
        raise InvalidRequest("invalid_id", f"{place}: {ID_RULE}") from None
