"""The outcome of RecordUsage: every item's own, in the order of the command, put together from its tenants' parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from usage_ledger.entrypoints.http.usage_answer import is_refused_whole
from usage_ledger.entrypoints.http.usage_request import TenantPart
from usage_ledger.money import format_amount, parse_amount
from usage_ledger.submission import Outcome


class OutcomeItem(msgspec.Struct, gc=False):
    """What became of one item, as the deciding function answered it."""

    id: str
    status: str
    code: str | None = None
    charged: str | None = None
    provider_cost: str | None = None
    account_id: str | None = None
    payer_reason: str | None = None
    mode: str | None = None
    mode_source: str | None = None
    line_status: str | None = None
    reason: str | None = None


class UsageOutcome(msgspec.Struct):
    """The fields of an outcome that usage has. ``charged`` is absent where one currency cannot say it."""

    outcome: Literal["accepted", "duplicate", "refused"]
    replayed: bool
    code: str | None
    detail: str
    facts: Mapping[str, str]
    positions: Sequence[str]
    charged: str | None
    currency: str | None
    items: Sequence[OutcomeItem]


class _Answer(msgspec.Struct):
    items: list[OutcomeItem]
    charged: str | None = None
    currency: str | None = None


_answer: Final = msgspec.json.Decoder(_Answer)


def usage_decided(parts: Sequence[TenantPart], outcomes: Sequence[Outcome]) -> UsageOutcome:
    """Accepted when a tenant's part is; else refused when one is; else all of it was known (U4)."""
    answers = [_answer_of(part, outcome) for part, outcome in zip(parts, outcomes, strict=True)]
    kinds = {outcome.outcome: outcome for outcome in reversed(outcomes)}
    first = kinds.get("accepted") or kinds.get("refused") or kinds["duplicate"]
    charged, currency = _total(answers)
    return UsageOutcome(
        outcome=first.outcome,
        replayed=all(outcome.replayed for outcome in outcomes),
        code=first.code,
        detail=first.detail,
        facts=first.facts,
        positions=_last_of_each_shard(outcomes),
        charged=charged,
        currency=currency,
        items=_in_order(parts, answers),
    )


def _answer_of(part: TenantPart, outcome: Outcome) -> _Answer:
    if not is_refused_whole(outcome):
        return _answer.decode(outcome.answer)
    status = "conflict" if outcome.code == "idempotency_conflict" else "rejected"
    return _Answer([OutcomeItem(item.id, status, outcome.code) for item in part.items])


def _in_order(parts: Sequence[TenantPart], answers: Sequence[_Answer]) -> list[OutcomeItem]:
    placed = {
        place: item
        for part, answer in zip(parts, answers, strict=True)
        for place, item in zip(part.places, answer.items, strict=True)
    }
    return [placed[place] for place in range(len(placed))]


def _last_of_each_shard(outcomes: Sequence[Outcome]) -> list[str]:
    """Tenants may share a shard: of its positions the highest stands for all."""
    last: dict[int, int] = {}
    for outcome in outcomes:
        for position in outcome.positions:
            shard, number = map(int, position.split("-"))
            last[shard] = max(last.get(shard, 0), number)
    return [f"{shard}-{number}" for shard, number in sorted(last.items())]


def _total(answers: Sequence[_Answer]) -> tuple[str | None, str | None]:
    amounts = [answer.charged for answer in answers if answer.charged is not None]
    currencies = {answer.currency for answer in answers if answer.currency is not None}
    if not amounts or len(currencies) > 1:
        return None, None
    return format_amount(sum(map(parse_amount, amounts))), next(iter(currencies), None)
