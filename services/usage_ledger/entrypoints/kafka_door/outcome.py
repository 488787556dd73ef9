"""What the sender is told of a command: the fields of the contract's ``CommandOutcome``, in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from usage_ledger.entrypoints.http.usage_answer import is_refused_whole
from usage_ledger.entrypoints.kafka_door.not_taken import INTERNAL_ERROR
from usage_ledger.entrypoints.kafka_door.receiving import ToDecide, TurnedAway
from usage_ledger.entrypoints.kafka_door.usage_outcome import OutcomeItem, usage_decided
from usage_ledger.refusals import InvalidInput
from usage_ledger.submission import Outcome
from usage_ledger_schemas import frames

OutcomeKind = Literal["accepted", "duplicate", "refused", "failed"]

Decided = Outcome | InvalidInput | Exception
"""What the appender's future gave. Any other exception is a failure of ours."""


class CommandOutcome(msgspec.Struct, frozen=True):
    """``refused``: by rule, or because the input is wrong; asking again under the same id changes nothing.

    ``failed``: unexpectedly; the same bytes may be sent again. Money is decimal text.
    """

    command_id: str
    tenant: str
    source: str
    command_type: str
    outcome: OutcomeKind
    replayed: bool = False
    code: str | None = None
    detail: str = ""
    pointer: str | None = None
    facts: Mapping[str, str] = {}
    positions: Sequence[str] = ()
    charged: str | None = None
    currency: str | None = None
    items: Sequence[OutcomeItem] = ()
    answer: str | None = None

    @property
    def key(self) -> bytes:
        return self.command_id.encode()

    def encoded(self) -> bytes:
        """The value of a record. Raises UnencodableRecord."""
        return frames.single_object(frames.OUTCOME, self)


def turned_away(record: TurnedAway) -> CommandOutcome:
    why = record.why
    kind: OutcomeKind = "failed" if why.code == INTERNAL_ERROR else "refused"
    return CommandOutcome(*_identity(record), kind, code=why.code, detail=why.detail, pointer=why.pointer)


def decided(command: ToDecide, found: Sequence[Decided]) -> CommandOutcome:
    """``found`` has one for each submission of the command."""
    outcomes: list[Outcome] = []
    for each in found:
        if isinstance(each, InvalidInput):
            return _invalid(command, each)
        if isinstance(each, Exception):
            detail = "it was logged; send the command again"
            return CommandOutcome(*_identity(command), "failed", code=INTERNAL_ERROR, detail=detail)
        outcomes.append(each)
    if command.parts and not all(map(is_refused_whole, outcomes)):
        return _of_usage(command, outcomes)
    return _of_one(command, outcomes[0])


def _invalid(command: ToDecide, invalid: InvalidInput) -> CommandOutcome:
    return CommandOutcome(
        *_identity(command), "refused", code=invalid.code, detail=invalid.detail, pointer=invalid.pointer
    )


def _of_usage(command: ToDecide, outcomes: Sequence[Outcome]) -> CommandOutcome:
    usage = usage_decided(command.parts, outcomes)
    return CommandOutcome(
        *_identity(command),
        usage.outcome,
        replayed=usage.replayed,
        code=usage.code,
        detail=usage.detail,
        facts=usage.facts,
        positions=usage.positions,
        charged=usage.charged,
        currency=usage.currency,
        items=usage.items,
    )


def _of_one(command: ToDecide, outcome: Outcome) -> CommandOutcome:
    return CommandOutcome(
        *_identity(command),
        outcome.outcome,
        replayed=outcome.replayed,
        code=outcome.code,
        detail=outcome.detail,
        facts=outcome.facts,
        positions=outcome.positions,
        answer=None if outcome.outcome == "refused" else outcome.answer.decode(),
    )


def _identity(record: ToDecide | TurnedAway) -> tuple[str, str, str, str]:
    frame = record.frame
    return frame.command_id, frame.tenant, record.source, frame.command_type
