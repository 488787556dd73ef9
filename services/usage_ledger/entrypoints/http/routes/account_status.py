"""Whether an account is admitted to use anything: suspend it, open it again, close it for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from usage_ledger.accounts.lifecycle.answers import StatusAnswer
from usage_ledger.accounts.lifecycle.commands import CloseAccount, ResumeAccount, SuspendAccount
from usage_ledger.accounts.lifecycle.standing import Status
from usage_ledger.entrypoints.http.writes import Write
from usage_ledger.identifiers import Reason

_COMMANDS: Final = {"open": ResumeAccount, "suspended": SuspendAccount, "closed": CloseAccount}


class StatusBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``open`` removes this reason of suspension, ``suspended`` adds it."""

    status: Status
    reason: Reason


def status_command(body: StatusBody, path_ids: Mapping[str, str]) -> SuspendAccount | ResumeAccount | CloseAccount:
    return _COMMANDS[body.status](path_ids["account_id"], body.reason)


WRITES: Final = (
    Write(
        "PUT",
        "/v1/accounts/{account_id}/status",
        "Suspend, resume or close an account",
        (SuspendAccount, ResumeAccount, CloseAccount),
        StatusBody,
        status_command,
        StatusAnswer,
        200,
        ("account_not_found", "account_closed", "account_not_settled", "too_many_reasons", "missing_reason"),
    ),
)
