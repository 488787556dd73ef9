"""``GET /v1/billing-mode/mismatches``: who paid other than was decided, what was refused, what is at stake.

Question 6 of billing-mode 13. Nothing here moves money: a line is charged by its decision, whatever the gateway saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.recorded_period import PERIOD, period_of
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Query, Route
from usage_ledger.entrypoints.http.view_answers import amount_or_none
from usage_ledger.entrypoints.http.view_reading import (
    ACCOUNT,
    PAGE,
    WAIT_FOR,
    WORKSPACE,
    await_position,
    limit_of,
    reach_of,
    reflected,
)
from usage_ledger.money import format_amount
from usage_ledger_views.charge_mismatches.queries import (
    ChargeMismatch,
    MismatchFilter,
    MismatchTotals,
    list_charge_mismatches,
    read_mismatch_totals,
)
from usage_ledger_views.charge_mismatches.rows import KINDS

_KIND: Final = Query("kind", f"only {', '.join(KINDS)}", {"type": "string", "enum": list(KINDS)})
QUERY: Final = (ACCOUNT, WORKSPACE, _KIND, *PERIOD, WAIT_FOR, *PAGE)


class MismatchItem(msgspec.Struct, frozen=True):
    """``kind``: platform_key_under_byok, the platform paid and charged nobody; platform_fallback, it paid and charged;
    own_key_charged, the customer's own key served what credits were charged for; mode_disabled, refused.

    ``exposure`` is what the platform may not get back, null where nobody knows what the call cost. Of refused usage
    ``charged`` and what judged it are null, and counts where only the provider's own object was sent.
    """

    attempt_id: str
    source: str
    kind: str
    workspace_id: str
    account_id: str | None
    run_id: str | None
    mode: str
    mode_source: str | None
    policy: str | None
    registry: str | None
    credential: str
    provider: str | None
    model: str
    input_tokens: int | None
    cache_read_tokens: int | None
    output_tokens: int | None
    charged: str | None
    currency: str | None
    provider_cost: str | None
    cost_currency: str | None
    exposure: str | None
    exposure_currency: str | None
    occurred_at: str
    recorded_at: str
    position: str


class MismatchTotalsItem(msgspec.Struct, frozen=True):
    """All items of a kind with their exposure in one currency; of ``unknown`` of them nobody knows it."""

    kind: str
    currency: str | None
    items: int
    unknown: int
    exposure: str


class Exposure(msgspec.Struct, frozen=True):
    """All kinds together."""

    currency: str
    amount: str


class MismatchesAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page.

    ``totals`` and ``exposure`` are of everything that was asked for, on whichever page; the first page alone has them.
    """

    items: list[MismatchItem]
    totals: list[MismatchTotalsItem] | None
    exposure: list[Exposure] | None
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def mismatches(request: Request) -> Response:
    reading = await begin_reading(request, "charge_mismatches", QUERY)
    chosen = MismatchFilter(*reach_of(reading), _kind(reading), period_of(reading))
    limit, after = limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_charge_mismatches(
            connection, reading.shard, reading.tenant, chosen=chosen, limit=limit, after=after
        )
        totals = await read_mismatch_totals(connection, reading.tenant, chosen) if after is None else None
    answer = MismatchesAnswer(
        items=[_item(reading, mismatch) for mismatch in page.items],
        totals=None if totals is None else [_totals(each) for each in totals],
        exposure=None if totals is None else _exposure(totals),
        next=page.next,
        as_of=reflected(page.as_of),
        incomplete=page.incomplete,
    )
    return json_response(encode(answer))


def _kind(reading: Reading) -> str | None:
    asked = reading.query(_KIND.name)
    if asked is not None and asked not in KINDS:
        raise InvalidRequest("invalid_value", f"kind: expected one of {', '.join(KINDS)}")
    return asked


def _item(reading: Reading, mismatch: ChargeMismatch) -> MismatchItem:
    return MismatchItem(
        attempt_id=mismatch.attempt_id,
        source=mismatch.source,
        kind=mismatch.kind,
        workspace_id=mismatch.workspace_id,
        account_id=mismatch.account_id,
        run_id=mismatch.run_id,
        mode=mismatch.mode,
        mode_source=mismatch.mode_source,
        policy=mismatch.policy,
        registry=mismatch.registry_version,
        credential=mismatch.credential,
        provider=mismatch.provider,
        model=mismatch.model,
        input_tokens=mismatch.input_tokens,
        cache_read_tokens=mismatch.cache_read_tokens,
        output_tokens=mismatch.output_tokens,
        charged=amount_or_none(mismatch.charged),
        currency=mismatch.currency,
        provider_cost=amount_or_none(mismatch.provider_cost),
        cost_currency=mismatch.cost_currency,
        exposure=amount_or_none(mismatch.exposure),
        exposure_currency=mismatch.exposure_currency,
        occurred_at=format_micros(mismatch.occurred_at),
        recorded_at=format_micros(mismatch.recorded_at),
        position=str(Position(reading.shard, mismatch.position)),
    )


def _totals(totals: MismatchTotals) -> MismatchTotalsItem:
    return MismatchTotalsItem(
        totals.kind, totals.currency, totals.items, totals.unknown, format_amount(totals.exposure)
    )


def _exposure(totals: Sequence[MismatchTotals]) -> list[Exposure]:
    by_currency: defaultdict[str, int] = defaultdict(int)
    for each in totals:
        if each.currency is not None:
            by_currency[each.currency] += each.exposure
    return [Exposure(currency, format_amount(by_currency[currency])) for currency in sorted(by_currency)]


ROUTE: Final = Route(
    method="GET",
    path="/v1/billing-mode/mismatches",
    name="ListChargeMismatches",
    tag="workspaces",
    summary="Usage that another one paid for than was decided, refused usage, and what is at stake; newest first",
    handle=mismatches,
    answers=(MismatchesAnswer,),
    refusals=(*READ_REFUSALS, "wrong_shard"),
    query=QUERY,
)
