"""Reads a request's body under a limit, and decodes it strictly: no lax numbers, no unknown fields, no NUL."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request

from usage_ledger.entrypoints.http.problems import InvalidRequest, Problem
from usage_ledger.entrypoints.http.validation import invalid_body

T = TypeVar("T")

_JSON: Final = "application/json"

# PostgreSQL has no NUL in text: one inside a name would stop the projector at that event for ever. JSON can write it
# only as an escape, so looking for the escape in the bytes finds it before anything is decoded.
_NUL_ESCAPE: Final = b"\\u0000"
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


async def read_json(request: Request, max_bytes: int, *, may_be_empty: bool = False) -> bytes:
    """The raw body. Raises Problem: ``unsupported_media_type``, ``body_too_large``.

    ``may_be_empty``: a request without a body means an empty object, and needs no content type.
    """
    if not (may_be_empty and "content-type" not in request.headers):
        _require_json(request)
    declared = request.headers.get("content-length")
    if declared is not None and declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    body = await _read(request, max_bytes)
    return b"{}" if may_be_empty and not body else body


async def _read(request: Request, max_bytes: int) -> bytes:
    """Counts while it reads: a chunked body declares no length, and a declared one need not be true."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """The body as the decoder's type. Raises InvalidRequest (422), with a JSON pointer to what is wrong."""
    try:
        require_no_nul(body)
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise invalid_body(error, body) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest("invalid_json", str(error)) from None
    except RecursionError:
        raise InvalidRequest("invalid_json", "nested too deeply") from None


def decode_plain(body: bytes) -> Any:
    """The body as plain JSON values, for comparing two requests. The body must have been decoded before.

    Raises InvalidRequest for a part that was not looked into then, and is no JSON or nested too deeply.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest("invalid_json", str(error)) from None
    except RecursionError:
        raise InvalidRequest("invalid_json", "nested too deeply") from None


def require_no_nul(body: bytes) -> None:
    """Raises InvalidRequest if a text of the body contains the character NUL."""
    if _NUL_ESCAPE in body and _NUL.search(body):
        raise InvalidRequest("invalid_value", "text must not contain the character NUL (U+0000)")


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise Problem("unsupported_media_type", f"send {_JSON}")
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise Problem("unsupported_media_type", "send the body without a content encoding")


def _too_large(max_bytes: int) -> Problem:
    # The rest of the body was not read, so the connection cannot carry another request.
    return Problem("body_too_large", f"a body has at most {max_bytes} bytes", headers={"Connection": "close"})
