"""Puts the answers for a request's tenants together, item by item, in the order of the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response, replayed_header, with_members
from usage_ledger.entrypoints.http.credit_headers import NAMES, credit_headers
from usage_ledger.entrypoints.http.positions import position_members
from usage_ledger.entrypoints.http.problems import refused
from usage_ledger.entrypoints.http.usage_request import TenantPart
from usage_ledger.money import sum_amounts
from usage_ledger.submission import Outcome


class PartAnswer(NamedTuple):
    """What became of one tenant's items: an outcome, or why it is unknown."""

    part: TenantPart
    outcome: Outcome | BaseException


class _Items(msgspec.Struct):
    items: list[msgspec.Raw]
    outcome: str = "accepted"
    charged: str | None = None
    currency: str | None = None


class _ItemWithoutAnswer(msgspec.Struct, omit_defaults=True):
    id: str
    status: str
    code: str | None = None


_items: Final = msgspec.json.Decoder(_Items)


def answer_for_one(outcome: Outcome) -> Response:
    """The answer of the deciding function as it is, when all items were of one tenant."""
    if is_refused_whole(outcome):
        problem = refused(outcome.code or "refused", outcome.detail, outcome.facts)
        problem.headers.update(replayed_header(outcome))
        raise problem
    headers = {**replayed_header(outcome), **credit_headers(outcome.answer)}
    return json_response(with_members(outcome.answer, outcome.positions, {}), headers=headers)


def answer_for_many(answers: Sequence[PartAnswer]) -> Response:
    """Every item has its own status, also where its tenant's shard did not answer."""
    items: dict[int, msgspec.Raw] = {}
    positions: list[str] = []
    charged: list[tuple[str | None, str | None]] = []
    outcomes: set[str] = set()
    for part, outcome in answers:
        decoded = _decode_items(part, outcome)
        items.update(zip(part.places, decoded.items, strict=True))
        charged.append((decoded.charged, decoded.currency))
        outcomes.add(decoded.outcome)
        positions.extend(outcome.positions if isinstance(outcome, Outcome) else ())
    body: dict[str, object] = position_members(_last_of_each_shard(positions))
    body["outcome"] = next(found for found in ("accepted", "refused", "duplicate") if found in outcomes)
    body["items"] = [items[place] for place in sorted(items)]
    total = _total(charged)
    body.update({name: text for name, text in zip(("charged", "currency"), total, strict=True) if text is not None})
    return json_response(encode(body), headers={**_replayed(answers), **_sum_headers(*total)})


def is_refused_whole(outcome: Outcome) -> bool:
    """Refused as a command, by its id or as ``atomic``; not item by item, which is an answer like any other."""
    return outcome.outcome == "refused" and outcome.answer == b"{}"


def _sum_headers(charged: str | None, currency: str | None) -> dict[str, str]:
    """The sum in the account's currency; absent where several currencies were charged or nothing was booked (U17)."""
    if charged is None:
        return {}
    in_currency = {} if currency is None else {NAMES["currency"]: currency}
    return {NAMES["charged"]: charged, **in_currency}


def _decode_items(part: TenantPart, outcome: Outcome | BaseException) -> _Items:
    if isinstance(outcome, BaseException):
        return _same_for_all(part, "accepted", "unavailable", "ledger_unavailable")
    if is_refused_whole(outcome):
        status = "conflict" if outcome.code == "idempotency_conflict" else "rejected"
        return _same_for_all(part, "refused", status, outcome.code)
    return _items.decode(outcome.answer)


def _same_for_all(part: TenantPart, outcome: str, status: str, code: str | None) -> _Items:
    return _Items([msgspec.Raw(encode(_ItemWithoutAnswer(item.id, status, code))) for item in part.items], outcome)


def _last_of_each_shard(positions: Sequence[str]) -> list[str]:
    """Tenants may share a shard: of its positions the highest stands for all."""
    last: dict[int, int] = {}
    for position in positions:
        shard, _, number = position.partition("-")
        last[int(shard)] = max(last.get(int(shard), 0), int(number))
    return [f"{shard}-{number}" for shard, number in sorted(last.items())]


def _total(charged: Sequence[tuple[str | None, str | None]]) -> tuple[str | None, str | None]:
    """The sum and its currency, if one currency can say it. An amount without a currency is a zero."""
    amounts = [amount for amount, _ in charged if amount is not None]
    currencies = {currency for _, currency in charged if currency is not None}
    if not amounts or len(currencies) > 1:
        return None, None
    return sum_amounts(amounts), next(iter(currencies), None)


def _replayed(answers: Sequence[PartAnswer]) -> Mapping[str, str]:
    """Replayed as a whole or not at all: a part that was unknown the first time is news."""
    outcomes = [outcome for _, outcome in answers]
    if all(isinstance(outcome, Outcome) and outcome.replayed for outcome in outcomes):
        return {"Idempotent-Replayed": "true"}
    return {}
