"""``GET /v1/trial-balance``: debits and credits by currency and code; of the key's tenant, or of all for operators."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfShards
from usage_ledger.entrypoints.http.instants import format_micros, parse_instant
from usage_ledger.entrypoints.http.positions import is_position, parse_position
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.entrypoints.http.view_reading import WAIT_FOR, await_position
from usage_ledger.money import format_amount
from usage_ledger_views.account_balances.history import Point
from usage_ledger_views.code_balances.queries import (
    CodeBalance,
    CurrencyBalance,
    TrialBalance,
    read_trial_balance,
    read_trial_balance_of_all,
)

QUERY: Final = (
    WAIT_FOR,
    Query("as_of", "a position of the tenant's shard, or an RFC 3339 time; of all tenants a time only"),
)


class CodeAnswer(msgspec.Struct, frozen=True):
    """A code of the chart of accounts (A6); ``difference`` is debits minus credits."""

    account_code: int
    debits: str
    credits: str
    difference: str


class CurrencyAnswer(msgspec.Struct, frozen=True):
    """All codes of a currency and their totals; ``difference`` must be zero (J5)."""

    currency: str
    codes: list[CodeAnswer]
    debits: str
    credits: str
    difference: str


class TrialBalanceAnswer(msgspec.Struct, frozen=True):
    """``tenant`` null = all tenants. ``balanced``: debits equal credits in every currency."""

    tenant: str | None
    currencies: list[CurrencyAnswer]
    balanced: bool
    as_of: AsOfShards
    incomplete: bool


async def trial_balance(request: Request) -> Response:
    """An admin who names no tenant asks for all of them."""
    reading = await begin_reading(request, "trial_balance", QUERY)
    reading.caller.require_reach()
    of_all = reading.caller.is_admin and "x-tenant" not in request.headers
    found = await (_of_all(reading) if of_all else _of_tenant(reading))
    return json_response(encode(_answer(found, None if of_all else reading.tenant)))


async def _of_tenant(reading: Reading) -> TrialBalance:
    point = _point(reading)
    await await_position(reading)
    async with reading.snapshot() as connection:
        return await read_trial_balance(connection, reading.shard, reading.tenant, point)


async def _of_all(reading: Reading) -> TrialBalance:
    reading.caller.require("trial_balance_of_all")
    for name in ("wait_for", "as_of"):
        if is_position(reading.query(name) or ""):
            raise InvalidRequest("wrong_shard", f"{name}: a position is of one shard; name a tenant with X-Tenant")
    asked = reading.query("as_of")
    recorded_at = None if asked is None else parse_instant(asked, "as_of")
    async with reading.snapshot() as connection:
        return await read_trial_balance_of_all(connection, recorded_at)


def _point(reading: Reading) -> Point | None:
    asked = reading.query("as_of")
    if asked is None:
        return None
    if is_position(asked):
        return Point(position=parse_position(asked, "as_of", reading.shard))
    return Point(recorded_at=parse_instant(asked, "as_of"))


def _answer(found: TrialBalance, tenant: str | None) -> TrialBalanceAnswer:
    return TrialBalanceAnswer(
        tenant=tenant,
        currencies=[_currency(each) for each in found.currencies],
        balanced=all(each.debits == each.credits for each in found.currencies),
        as_of=_reflected(found, tenant),
        incomplete=found.incomplete,
    )


def _reflected(found: TrialBalance, tenant: str | None) -> AsOfShards:
    recorded_at = format_micros(found.recorded_at)
    if tenant is not None:
        return AsOfShards(recorded_at, position=found.positions[0])
    return AsOfShards(recorded_at, positions=list(found.positions) or None)


def _currency(balance: CurrencyBalance) -> CurrencyAnswer:
    return CurrencyAnswer(
        balance.currency, [_code(each) for each in balance.codes], *_amounts(balance.debits, balance.credits)
    )


def _code(balance: CodeBalance) -> CodeAnswer:
    return CodeAnswer(balance.code, *_amounts(balance.debits, balance.credits))


def _amounts(debits: int, credit: int) -> tuple[str, str, str]:
    return format_amount(debits), format_amount(credit), format_amount(debits - credit)
