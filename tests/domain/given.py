"""An in-memory ledger for domain tests: ``Decision`` over lists instead of Postgres, told as given, when and then.

``given`` takes commands that must be accepted and facts that happened; ``when`` decides commands; ``then`` says what
the last one came to. Every aggregate that a decision touched must survive its snapshot byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from usage_ledger.closing.closed_months import ClosedMonths
from usage_ledger.deciding import Aggregate, Holder, Repeated
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.governance import Governance
from usage_ledger.handlers import HANDLERS, PROCESS_HANDLERS
from usage_ledger.pricing.price_book import PriceBook
from usage_ledger.recorded_event import EventPayload
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.refused import NotedRefusal
from usage_ledger.streams import PLATFORM, deployment_stream, governance_stream, is_fact, months_stream, tenant_of
from usage_ledger.workspaces.mode_sources import ReadersAt, stored_facts

A = TypeVar("A", bound=Aggregate)

TENANT = "acme"
SOURCE = "gateway"
NOON = 1_772_452_800_000_000
"""2026-03-02T12:00:00Z, the clock at which every test begins; microseconds UTC."""

SECOND = 1_000_000
DAY = 86_400 * SECOND


class Fact(msgspec.Struct, frozen=True):
    """An event that happened before the test begins."""

    stream_id: str
    payload: EventPayload
    recorded_at: int = NOON


class Happened(msgspec.Struct, frozen=True):
    """What a command came to. ``recorded`` are its events with their streams, in order."""

    outcome: Literal["accepted", "duplicate", "refused", "invalid"]
    answer: Any = None
    code: str | None = None
    facts: dict[str, str] = {}
    pointer: str = ""
    recorded: tuple[tuple[str, EventPayload], ...] = ()


class PlatformFactsInMemory:
    """The deployment-wide facts; ``position`` counts them."""

    def __init__(self) -> None:
        self.position = 0
        self.prices = PriceBook()
        self.deployment = Deployment()
        self.months = ClosedMonths()
        self.governance = Governance()

    def apply(self, stream_id: str, payload: EventPayload, recorded_at: int) -> None:
        folded: Any = {
            deployment_stream(): self.deployment,
            months_stream(): self.months,
            governance_stream(): self.governance,
        }.get(stream_id, self.prices)
        folded.apply(payload, recorded_at)
        self.position += 1


class LedgerInMemory:
    """Streams, what was folded from them, and what was claimed. ``now`` is the clock, microseconds UTC."""

    def __init__(self) -> None:
        self.now = NOON
        self.position = 0
        self.streams: dict[str, list[tuple[EventPayload, int]]] = {}
        self.occurred_at: list[int] = []
        self.due: list[tuple[str, EventPayload]] = []
        self.facts = PlatformFactsInMemory()
        self.fact_readers: ReadersAt = stored_facts
        self.attempts: dict[bytes, bytes] = {}
        self.claims: dict[tuple[str, str, str], tuple[str, bytes]] = {}
        self._aggregates: dict[tuple[type, str], Any] = {}
        self._commands = 0

    def get(self, kind: type[A], stream_id: str) -> A:
        """The aggregate folded from the stream's events, and kept up to date from then on."""
        key = kind, stream_id
        if key not in self._aggregates:
            aggregate: Any = kind()
            for payload, recorded_at in self.streams.get(stream_id, []):
                aggregate.apply(payload, recorded_at)
            self._aggregates[key] = aggregate
        return self._aggregates[key]

    def append(self, stream_id: str, payload: EventPayload, recorded_at: int) -> int:
        self.streams.setdefault(stream_id, []).append((payload, recorded_at))
        for (_, of_stream), aggregate in self._aggregates.items():
            if of_stream == stream_id:
                aggregate.apply(payload, recorded_at)
        if tenant_of(stream_id) == PLATFORM and self._is_fact(stream_id):
            self.facts.apply(stream_id, payload, recorded_at)
        self.position += 1
        return self.position

    def decide(
        self,
        command: msgspec.Struct,
        *,
        at: int | None = None,
        command_id: str | None = None,
        source: str = SOURCE,
        tenant: str = TENANT,
    ) -> Happened:
        """Decide one command at ``at`` (moves the clock), as the appender would."""
        self.now = self.now if at is None else at
        self._commands += 1
        decision = DecisionInMemory(self, tenant, source, command_id or f"command-{self._commands}")
        try:
            answer = {**HANDLERS, **PROCESS_HANDLERS}[type(command)](command, decision)
        except Refusal as refusal:
            assert not decision.recorded, "a deciding function refuses before it records"
            if isinstance(refusal, NotedRefusal):
                decision.record(refusal.stream_id, refusal.noted)
            return Happened("refused", code=refusal.code, facts=refusal.facts, recorded=tuple(decision.recorded))
        except InvalidInput as invalid:
            assert not decision.recorded, "invalid input is answered before anything is recorded"
            return Happened("invalid", code=invalid.code, pointer=invalid.pointer)
        if isinstance(answer, Repeated):
            assert not decision.recorded, "a repeat records nothing"
            return Happened("duplicate", answer=msgspec.json.decode(answer.answer))
        decision.settle_claims(msgspec.json.encode(answer))
        self._check_snapshots()
        return Happened(getattr(answer, "outcome", "accepted"), answer, recorded=tuple(decision.recorded))

    def _is_fact(self, stream_id: str) -> bool:
        return is_fact(stream_id)

    def _check_snapshots(self) -> None:
        for (kind, stream_id), aggregate in self._aggregates.items():
            state = aggregate.snapshot()
            restored = kind.restore(state, aggregate.version)
            assert restored.snapshot() == state, f"{stream_id} does not survive its snapshot"
            assert restored.version == len(self.streams.get(stream_id, []))


class DecisionInMemory:
    """``Decision`` over ``LedgerInMemory``."""

    def __init__(self, ledger: LedgerInMemory, tenant: str, source: str, command_id: str) -> None:
        self._ledger = ledger
        self._claims: list[tuple[tuple[str, str, str], str]] = []
        self.tenant = tenant
        self.source = source
        self.command_id = command_id
        self.recorded_at = ledger.now
        self.recorded: list[tuple[str, EventPayload]] = []

    @property
    def facts(self) -> PlatformFactsInMemory:
        return self._ledger.facts

    @property
    def fact_readers(self) -> ReadersAt:
        return self._ledger.fact_readers

    def get(self, kind: type[A], stream_id: str) -> A:
        return self._ledger.get(kind, stream_id)

    def preload(self, kind: type[Aggregate], stream_ids: Iterable[str]) -> None:
        for stream_id in stream_ids:
            self._ledger.get(kind, stream_id)

    def record(self, stream_id: str, payload: EventPayload, occurred_at: int | None = None) -> int:
        self.recorded.append((stream_id, payload))
        self._ledger.occurred_at.append(self.recorded_at if occurred_at is None else occurred_at)
        return self._ledger.append(stream_id, payload, self.recorded_at)

    def event_id(self, position: int) -> str:
        return f"event-{position}"

    def require_room_for_due(self) -> None:
        """A list has room for everything."""

    def record_due(self, stream_id: str, payload: EventPayload, command_id: str, due_at: int) -> None:
        self._ledger.due.append((command_id, payload))
        self._ledger.occurred_at.append(due_at)
        self._ledger.append(stream_id, payload, self.recorded_at)

    def history(self, stream_id: str, recorded_since: int) -> Iterator[Holder]:
        for payload, recorded_at in self._ledger.streams.get(stream_id, []):
            if recorded_at >= recorded_since:
                yield Holder(0, None, payload)  # type: ignore[arg-type] - a test's facts have no envelope

    def known_attempts(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        return {key: self._ledger.attempts[key] for key in keys if key in self._ledger.attempts}

    def claim_attempts(self, attempts: Iterable[tuple[bytes, bytes]], position: int) -> None:
        for key, content in attempts:
            assert key not in self._ledger.attempts, "an attempt is claimed once"
            self._ledger.attempts[key] = content

    def claimed(self, key_kind: str, keys: Iterable[str]) -> Mapping[str, str]:
        held = {key: self._ledger.claims.get((self.tenant, key_kind, key)) for key in keys}
        return {key: found[0] for key, found in held.items() if found is not None}

    def claim(self, key_kind: str, key: str, content: str) -> bytes | None:
        business_key = self.tenant, key_kind, key
        held = self._ledger.claims.get(business_key)
        if held is None:
            self._claims.append((business_key, content))
            return None
        if held[0] != content:
            raise Refusal(f"{key_kind}_conflict", "recorded with other content", {"key": key})
        return held[1]

    def settle_claims(self, answer: bytes) -> None:
        for business_key, content in self._claims:
            self._ledger.claims[business_key] = content, answer


class Given:
    """Commands that must be accepted, and facts that happened."""

    def __init__(self, ledger: LedgerInMemory) -> None:
        self._ledger = ledger

    def __call__(self, *steps: msgspec.Struct, at: int | None = None, tenant: str = TENANT) -> None:
        for step in steps:
            if isinstance(step, Fact):
                self._ledger.append(step.stream_id, step.payload, step.recorded_at)
            else:
                happened = self._ledger.decide(step, at=at, tenant=tenant)
                assert happened.outcome == "accepted", f"{step} was {happened.outcome}: {happened.code}"


class When:
    """Decides a command; what came of it is answered and is what ``then`` speaks of."""

    def __init__(self, ledger: LedgerInMemory) -> None:
        self._ledger = ledger
        self.happened: Happened | None = None

    def __call__(self, command: msgspec.Struct, **options: Any) -> Happened:
        self.happened = self._ledger.decide(command, **options)
        return self.happened


class Then:
    """Claims about the last command."""

    def __init__(self, when: When) -> None:
        self._when = when

    @property
    def happened(self) -> Happened:
        assert self._when.happened is not None, "nothing was decided yet"
        return self._when.happened

    def accepted(self) -> Any:
        """It was; answers its answer."""
        assert self.happened.outcome == "accepted", self.happened
        return self.happened.answer

    def duplicate(self) -> Any:
        """It was a repeat that recorded nothing; answers the first answer, decoded."""
        assert self.happened.outcome == "duplicate", self.happened
        return self.happened.answer

    def refused(self, code: str) -> dict[str, str]:
        """It was refused by rule and recorded nothing; answers what the rule saw."""
        assert (self.happened.outcome, self.happened.code) == ("refused", code), self.happened
        return self.happened.facts

    def invalid(self, code: str, pointer: str = "") -> None:
        happened = self.happened
        assert (happened.outcome, happened.code, happened.pointer) == ("invalid", code, pointer), happened

    def recorded(self, *kinds: type[EventPayload]) -> Any:
        """Exactly these events, in this order; answers the payload, or all of them if there are several."""
        payloads = [payload for _, payload in self.happened.recorded]
        assert [type(payload) for payload in payloads] == list(kinds)
        return payloads[0] if len(payloads) == 1 else payloads
