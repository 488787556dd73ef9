"""Errors as the client sees them: RFC 9457 problem details with a stable ``code``, and never anything from inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from starlette.responses import Response

from usage_ledger.entrypoints.http.status_codes import status_of, status_of_invalid
from usage_ledger.refusals import InvalidInput, Refusal

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:usage-ledger:problem:"

RETRY_AFTER_S: Final = 1
"""What an overloaded door asks for: one group commit and its queue are far shorter than a second."""


class InputError(msgspec.Struct, frozen=True):
    """One thing that is wrong with the input. ``pointer`` is a JSON pointer into the body (RFC 6901)."""

    pointer: str
    code: str
    detail: str


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error. Refusals add what their rule saw, such as ``current_version`` or ``required``."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: tuple[InputError, ...] = ()


class Problem(Exception):
    """A request that ends in an error. ``members`` are further members of the body."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[InputError] = (),
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status_of(code)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.members = dict(members or {})
        self.headers = dict(headers or {})


class InvalidRequest(Problem):
    """Input that is wrong in itself: 422 unless the table says otherwise."""

    def __init__(self, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(code, detail, errors=(InputError(pointer, code, detail),))
        self.status = status_of_invalid(code)


def problem_of(refusal: Refusal) -> Problem:
    return refused(refusal.code, refusal.detail, refusal.facts)


def invalid_request_of(invalid: InvalidInput) -> InvalidRequest:
    return InvalidRequest(invalid.code, invalid.detail, invalid.pointer)


def refused(code: str, detail: str, facts: Mapping[str, str]) -> Problem:
    """A refusal by rule; the facts that its rule saw stand beside the code."""
    members: dict[str, object] = dict(facts)
    if code == "version_conflict" and "current_version" in facts:
        # The client sends it back as the number that it is.
        members["current_version"] = int(facts["current_version"])
    elif code == "account_not_settled":
        members["reasons"] = facts["reasons"].split(",")
    elif "also" in facts:
        # Every further gate that a run failed (billing-mode 8).
        members["also"] = facts["also"].split()
    if "retry_after" in facts:
        members["retry_after"] = int(facts["retry_after"])
        return Problem(code, detail, members=members, headers={"Retry-After": facts["retry_after"]})
    return Problem(code, detail, members=members)


def overloaded() -> Problem:
    return Problem(
        "overloaded",
        "more is waiting than the ledger takes at a time; nothing of this request was accepted",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def ledger_unavailable() -> Problem:
    return Problem(
        "ledger_unavailable",
        "the ledger cannot answer now; what became of a write is unknown until it is looked up or sent again",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def internal_error() -> Problem:
    return Problem("internal_error", "an unexpected failure; it was logged under this request's id")


def problem_response(problem: Problem, path: str) -> Response:
    """The answer. ``path`` is what was asked for, without its query."""
    details = ProblemDetails(
        type=TYPE_PREFIX + problem.code,
        title=problem.code.replace("_", " ").capitalize(),
        status=problem.status,
        detail=problem.detail,
        instance=_instance(path),
        code=problem.code,
        errors=problem.errors,
    )
    body: dict[str, Any] = {**problem.members, **msgspec.to_builtins(details)}
    return Response(
        msgspec.json.encode(body), status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


def _instance(path: str) -> str:
    """The path without what stands for a credential in it: somebody may have put its value there."""
    before, credentials, _ = path.partition("/credentials/")
    return before + credentials.rstrip("/")
