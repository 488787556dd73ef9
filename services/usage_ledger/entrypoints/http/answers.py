"""Answers as bytes: what a deciding function answered is passed on as it is, with members put in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from usage_ledger.entrypoints.http.positions import position_members
from usage_ledger.submission import Outcome

encode: Final = msgspec.json.Encoder().encode


def with_members(answer: bytes, positions: Sequence[str], members: Mapping[str, object]) -> bytes:
    """The JSON object ``answer`` with its position and further members, without decoding it."""
    front = encode({**position_members(positions), **members})
    return front[:-1] + (b"," if len(front) > 2 and len(answer) > 2 else b"") + answer[1:]


def json_response(content: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(content, status_code=status, headers=headers, media_type="application/json")


def replayed_header(outcome: Outcome) -> dict[str, str]:
    return {"Idempotent-Replayed": "true"} if outcome.replayed else {}
