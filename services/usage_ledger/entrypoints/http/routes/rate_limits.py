"""How many calls an account may make in a while."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.rate_limits.commands import SetRateLimit
from usage_ledger.accounts.rate_limits.setting import RateLimitAnswer
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write

WRITES: Final = (
    Write(
        "PUT",
        "/v1/accounts/{account_id}/rate-limits/{capability}",
        "Set how many calls of a capability an account may make in a while",
        (SetRateLimit,),
        body_of(SetRateLimit, without=("account_id", "capability")),
        command_from_body(SetRateLimit),
        RateLimitAnswer,
        200,
        ("account_not_found", "account_closed", "too_many_rate_limits"),
    ),
)
