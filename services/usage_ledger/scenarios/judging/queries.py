"""The questions that a case may ask of the views, and their answers in its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from usage_ledger.money import format_amount
from usage_ledger.scenarios.cast import Cast
from usage_ledger.scenarios.judging.audit import audit
from usage_ledger.scenarios.worlds.world import Movement, World

Arguments = Mapping[str, Any]
Question = Callable[[Arguments, World, Cast], Mapping[str, Any]]

_NO_ACCOUNT: Final = {"code": "account_not_found"}
_SECONDS_PER_DAY: Final = 86_400


def answer(query: str, arguments: Arguments, world: World, cast: Cast) -> Mapping[str, Any]:
    return QUESTIONS[query](arguments, world, cast)


def _balance(arguments: Arguments, world: World, cast: Cast) -> Mapping[str, Any]:
    figures = world.views.figures(cast.account(arguments["account"]))
    if figures is None:
        return _NO_ACCOUNT
    return {
        name: format_amount(getattr(figures, name))
        for name in ("balance", "held", "available", "overdraft", "unbilled")
    }


def _statement(arguments: Arguments, world: World, cast: Cast) -> Mapping[str, Any]:
    account, page = cast.account(arguments["account"]), arguments.get("page", 1)
    found = world.views.statement(account, arguments.get("limit"), page)
    if found is None:
        return _NO_ACCOUNT
    commands = {event.envelope.event_id: event.envelope.command_id for event in world.ledger.history.events}
    entries = [_entry(movement, commands) for movement in found.items]
    return {"entries": entries, "more": found.more, "limit": found.limit}


def _entry(movement: Movement, commands: Mapping[bytes, str]) -> Mapping[str, Any]:
    return {
        "id": commands[movement.event_id],
        "type": movement.type,
        "effect": format_amount(movement.effect),
    }


def _usage_summary(arguments: Arguments, world: World, cast: Cast) -> Mapping[str, Any]:
    total = world.views.usage_total(cast.account(arguments["account"]), _day(arguments["from"]), _day(arguments["to"]))
    return {"lines": total.lines, "charged": format_amount(total.charged)}


def _member_usage(arguments: Arguments, world: World, cast: Cast) -> Mapping[str, Any]:
    members = world.views.member_usage(cast.account(arguments["account"]))
    return {
        "rows": [
            {"user": member.user, "lines": member.lines, "charged": format_amount(member.charged)} for member in members
        ]
    }


def _lifetime_spend(arguments: Arguments, world: World, cast: Cast) -> Mapping[str, Any]:
    amount = world.views.lifetime_spend(cast.account(arguments["account"]))
    return _NO_ACCOUNT if amount is None else {"amount": format_amount(amount)}


def _suspense(arguments: Arguments, world: World, cast: Cast) -> Mapping[str, Any]:
    lines = world.views.suspense(cast.account(arguments["account"]))
    return {
        "rows": [
            {"attempt": line.attempt, "reason": line.reason, "exposure": format_amount(line.exposure or 0)}
            for line in lines
        ]
    }


def _day(text: str) -> int:
    """Days since 1970-01-01 of an instant; a summary counts whole days of UTC."""
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) // _SECONDS_PER_DAY


QUESTIONS: Final[Mapping[str, Question]] = {
    "balance": _balance,
    "statement": _statement,
    "usage_summary": _usage_summary,
    "member_usage": _member_usage,
    "lifetime_spend": _lifetime_spend,
    "suspense": _suspense,
    "audit": lambda _, world, __: audit(world),
}
