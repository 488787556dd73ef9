"""The five beats for one command of a group: known already? then answer; else load, decide, append, answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec

from usage_ledger.accounts.holds.events import HoldPlaced
from usage_ledger.accounts.rate_limits.rate_limit import RateLimit
from usage_ledger.appending.digest import digest16
from usage_ledger.appending.group import Group
from usage_ledger.appending.platform_facts import PlatformFacts
from usage_ledger.deciding import Aggregate, Decision, Holder, HoldFound, Kept, MoreIsDue, Repeated
from usage_ledger.recorded_event import Actor, Envelope, EventPayload
from usage_ledger.refusals import InvalidInput, NotStored, Refusal
from usage_ledger.refused import CommandRefused, Fact, NotedRefusal
from usage_ledger.store import BusinessKeyRow, CommandRow
from usage_ledger.streams import refusals_stream, tenant_of
from usage_ledger.submission import Outcome, Submission
from usage_ledger.usage.answer import UsageAnswer
from usage_ledger.workspaces.mode_sources import ReadersAt

A = TypeVar("A", bound=Aggregate)
Handler = Callable[[Any, Decision], msgspec.Struct]
_encode = msgspec.json.Encoder().encode

DUE_EVENTS_MAX: Final = 500
"""Of one append, whoever they are due to: bounds for how long they keep its shards locked. At the end of a month, when
something is due to very many accounts, it still lets a group of commands do it for each of theirs.
"""

CLOCK = Actor("system", "clock")
"""Who does what is due at its time; its id is also the source of its commands."""


class RefusedTooLate(Exception):
    """A deciding function refused after it had recorded something: a defect of ours, so nothing of it is appended."""


class CommandDecision:
    """``Decision`` over a group."""

    def __init__(self, group: Group, submission: Submission) -> None:
        self._group = group
        self._submission = submission
        self._event_ids: dict[int, bytes] = {}
        self._claims: list[tuple[bytes, str]] = []
        self._facts_position: int | None = None
        self.positions: dict[int, int] = {}
        self.tenant = submission.tenant
        self.source = submission.source
        self.command_id = submission.command_id
        self.recorded_at = group.recorded_at

    @property
    def facts(self) -> PlatformFacts:
        """Reading them stamps every event of this command with their position."""
        self._facts_position = self._group.facts.position
        return self._group.facts

    @property
    def fact_readers(self) -> ReadersAt:
        return self._group.fact_readers

    def get(self, kind: type[A], stream_id: str) -> A:
        found: Any = self._group.aggregate(kind, stream_id)
        return found

    def preload(self, kind: type[Aggregate], stream_ids: Iterable[str]) -> None:
        self._group.preload(kind, self.tenant, stream_ids)

    def record(self, stream_id: str, payload: EventPayload, occurred_at: int | None = None) -> int:
        envelope = self._envelope(occurred_at)
        position = self._group.append(stream_id, envelope, payload)
        self._event_ids[position] = envelope.event_id
        self.positions[self._group.shard_of(tenant_of(stream_id))] = position
        return position

    def event_id(self, position: int) -> str:
        return str(UUID(bytes=self._event_ids[position]))

    def require_room_for_due(self) -> None:
        # What a command recorded cannot be taken back: everything due is done before that, or else now.
        if self._group.due_events >= DUE_EVENTS_MAX and not self.positions:
            raise MoreIsDue

    def record_due(self, stream_id: str, payload: EventPayload, command_id: str, due_at: int) -> None:
        clocks = msgspec.structs.replace(
            self._envelope(due_at),
            command_id=command_id,
            source=CLOCK.id,
            actor=CLOCK,
            on_behalf_of=None,
            causation_id=None,
            request_hash=None,
        )
        self._group.append(stream_id, clocks, payload)
        self._group.due_events += 1

    def known_attempts(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        known = self._group.known_attempts
        return {key: known[key] for key in keys if key in known} if known else known

    def claim_attempts(self, attempts: Iterable[tuple[bytes, bytes]], position: int) -> None:
        self._group.claim_attempts(attempts, self._group.shard_of(self.tenant), position)

    def move_attempts(self, keys: Iterable[bytes], position: int) -> None:
        self._group.move_attempts(keys, position)

    def holders(self, keys: Iterable[bytes]) -> Mapping[bytes, Holder]:
        return self._group.holders(self._group.shard_of(self.tenant), keys)

    def history(self, stream_id: str, recorded_since: int) -> Iterator[Holder]:
        return self._group.history(stream_id, recorded_since)

    def quarantined(self, keys: Iterable[bytes]) -> Mapping[tuple[bytes, str], Kept]:
        return self._group.quarantined(keys)

    def claimed(self, key_kind: str, keys: Iterable[str]) -> Mapping[str, str]:
        found = self._group.business_keys.find(self.tenant, key_kind, keys)
        return {key: row.content for key, row in found.items()}

    def throttle(self, account_id: str, capability: str, limit: RateLimit | None) -> None:
        limiter, now = self._group.limiter, self.recorded_at
        if limit is not None:
            limiter.admit(self.tenant, account_id, capability, limit, now)
        if self._submission.breaker is not None:
            limiter.pass_breaker(self._submission.breaker, now)

    def find_holds(self, hold_ids: Iterable[str]) -> Mapping[str, HoldFound]:
        return self._group.holds.find(self.tenant, hold_ids)

    def placed_hold(self, hold: HoldFound) -> HoldPlaced:
        return self._group.placed_hold(self.tenant, hold)

    def claim(self, key_kind: str, key: str, content: str) -> bytes | None:
        row = self._group.business_keys.find(self.tenant, key_kind, [key]).get(key)
        if row is None:
            self._claims.append((digest16(self.tenant, key_kind, key), content))
            return None
        if row.content != content:
            raise Refusal(f"{key_kind}_conflict", f"this {key_kind} was recorded with other content", {"key": key})
        return row.answer

    def settle_claims(self, answer: bytes) -> None:
        """The command went through: its business keys are taken, with its answer for whoever repeats it."""
        for digest, content in self._claims:
            self._group.business_keys.claim(BusinessKeyRow(digest, content, answer))

    def _envelope(self, occurred_at: int | None) -> Envelope:
        submission = self._submission
        return Envelope(
            event_id=self._group.new_event_id(),
            recorded_at=self.recorded_at,
            occurred_at=self.recorded_at if occurred_at is None else occurred_at,
            tenant=self.tenant,
            command_id=self.command_id,
            source=self.source,
            source_seq=None,
            actor=submission.actor,
            on_behalf_of=submission.on_behalf_of,
            causation_id=submission.causation_id,
            correlation_id=submission.correlation_id,
            facts_position=self._facts_position,
            request_hash=submission.request_hash,
        )


def command_digest(submission: Submission) -> bytes:
    """The key of a command: its tenant, source and id (U1)."""
    return digest16(submission.tenant, submission.source, submission.command_id)


def decide(group: Group, submission: Submission, handlers: Mapping[type, Handler]) -> Outcome | InvalidInput:
    """Decide one command within its group; appends to the group, answers what became of it. Raises ``MoreIsDue``.

    Input that turns out to be wrong is an answer too, one that is stored nowhere: it must not fail its neighbours.
    """
    if submission.request_hash is None:
        return _decide_new(group, submission, handlers)
    digest = command_digest(submission)
    known = group.known_commands.get(digest)
    if known is not None:
        return _answer_again(known, submission.request_hash)
    try:
        outcome = _decide_new(group, submission, handlers)
    except NotStored as refusal:
        return _refused(refusal, ())
    if isinstance(outcome, InvalidInput):
        return outcome
    group.remember_command(CommandRow(digest, submission.request_hash, outcome, group.recorded_at))
    return outcome


def _answer_again(known: CommandRow, request_hash: bytes) -> Outcome:
    if known.request_hash != request_hash:
        return Outcome("refused", code="idempotency_conflict", detail="this id was used for another request")
    return msgspec.structs.replace(known.outcome, replayed=True)


def _decide_new(group: Group, submission: Submission, handlers: Mapping[type, Handler]) -> Outcome | InvalidInput:
    decision = CommandDecision(group, submission)
    try:
        answer = handlers[type(submission.command)](submission.command, decision)
    except InvalidInput as invalid:
        _must_have_recorded_nothing(decision, invalid.code)
        return invalid
    except NotStored:
        raise
    except Refusal as refusal:
        _must_have_recorded_nothing(decision, refusal.code)
        return _record_refusal(decision, submission, refusal)
    if isinstance(answer, Repeated):
        return Outcome("duplicate", answer.answer, _positions(group, decision))
    if isinstance(answer, UsageAnswer):
        group.item_statuses.update([item.status for item in answer.items])
    encoded = _encode(answer)
    decision.settle_claims(encoded)
    outcome, code = (answer.outcome, answer.code) if isinstance(answer, UsageAnswer) else ("accepted", None)
    return Outcome(outcome, encoded, _positions(group, decision), code)


def _must_have_recorded_nothing(decision: CommandDecision, code: str) -> None:
    if decision.positions:
        raise RefusedTooLate(code)


def _record_refusal(decision: CommandDecision, submission: Submission, refusal: Refusal) -> Outcome:
    facts = tuple(Fact(name, value) for name, value in refusal.facts.items())
    payload = CommandRefused(type(submission.command).__name__, refusal.code, refusal.detail, facts)
    if isinstance(refusal, NotedRefusal):
        decision.record(refusal.stream_id, refusal.noted)
    position = decision.record(refusals_stream(decision.tenant), payload)
    (shard,) = decision.positions
    return _refused(refusal, (f"{shard}-{position}",))


def _refused(refusal: Refusal, positions: tuple[str, ...]) -> Outcome:
    return Outcome("refused", positions=positions, code=refusal.code, detail=refusal.detail, facts=refusal.facts)


def _positions(group: Group, decision: CommandDecision) -> tuple[str, ...]:
    """Where the command's events end; where its shard stands when it appended nothing."""
    shard = group.shard_of(decision.tenant)
    positions = decision.positions or {shard: group.positions[shard]}
    return tuple(f"{shard}-{position}" for shard, position in sorted(positions.items()))
