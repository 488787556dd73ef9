"""Idempotency keys: which command a request is, and whether a repeat is the same request (U1)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec
from starlette.requests import Request

from usage_ledger.adapters.clock import random_id
from usage_ledger.entrypoints.http.identifiers import valid_id
from usage_ledger.entrypoints.http.problems import InvalidRequest

HEADER: Final = "Idempotency-Key"
_canonical: Final = msgspec.json.Encoder(order="sorted").encode


def required_command_id(request: Request) -> str:
    """Raises InvalidRequest: ``missing_idempotency_key``, ``invalid_id``."""
    command_id = optional_command_id(request)
    if command_id is None:
        raise InvalidRequest("missing_idempotency_key", f"this call needs the header {HEADER}")
    return command_id


def optional_command_id(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    return None if key is None else valid_id(key, f"header {HEADER}")


def new_command_id() -> str:
    """For usage without a key: nobody asks for this command again, its attempt ids do the work."""
    return f"http-{random_id()}"


def request_hash(route: str, path_ids: Mapping[str, str], body: Any) -> bytes:
    """16 bytes that are equal for equal requests: white space and the order of members do not matter.

    Raises InvalidRequest for a body that is nested too deeply to be written again.
    """
    try:
        return blake2b(_canonical([route, path_ids, body]), digest_size=16).digest()
    except RecursionError:
        raise InvalidRequest("invalid_json", "nested too deeply") from None
