"""What a decision may see and do: the one port between the appender and the aggregates' deciding functions.

The appender implements ``Decision`` over real streams; tests implement it over a list. A deciding function is pure:
it reads state through it, refuses by raising ``Refusal``, and records payloads. It has no clock and does no I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from usage_ledger.accounts.holds.events import HoldPlaced
    from usage_ledger.accounts.rate_limits.rate_limit import RateLimit
    from usage_ledger.closing.closed_months import ClosedMonths
    from usage_ledger.deployment.deployment import Deployment
    from usage_ledger.governance.governance import Governance
    from usage_ledger.pricing.price_book import PriceBook
    from usage_ledger.recorded_event import Envelope, EventPayload
    from usage_ledger.store import StoredHoldState
    from usage_ledger.workspaces.mode_sources import ReadersAt


class Repeated(msgspec.Struct, frozen=True):
    """What a deciding function returns for a natural repeat, such as a payment that is known: the first answer (C8)."""

    answer: bytes


class StreamUnreadable(Exception):
    """What a stream holds cannot be read. It never means that there is nothing."""


class MoreIsDue(Exception):
    """More is due to an account than one append takes: what was appended of it stays, and the command is not decided
    before the rest is (C6). The appender answers it, nobody else.
    """


class Aggregate(Protocol):
    """State folded from one stream. ``apply`` only assigns and cannot fail, so replay never refuses."""

    version: int
    """Version of the last event folded in; 0 means that the stream does not exist."""

    def apply(self, payload: EventPayload, recorded_at: int) -> None: ...


A = TypeVar("A", bound=Aggregate)


class Holder(NamedTuple):
    """The event that holds an attempt, at ``position`` of its shard. What kind it is says how the attempt stands."""

    position: int
    envelope: Envelope
    payload: EventPayload


class Kept(NamedTuple):
    """An item in quarantine, by its workspace and why it is there."""

    workspace_id: str
    reason: str


class HoldFound(NamedTuple):
    """Where a hold is and how it stands; ``position`` is that of the event that placed it."""

    account_id: str
    workspace_id: str
    state: StoredHoldState
    position: int


class Facts(Protocol):
    """The deployment-wide facts as known at ``position`` of shard 0."""

    position: int
    prices: PriceBook
    deployment: Deployment
    months: ClosedMonths
    governance: Governance


class Decision(Protocol):
    """One command being decided."""

    @property
    def tenant(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def command_id(self) -> str: ...
    @property
    def recorded_at(self) -> int:
        """Microseconds UTC; what the command's events will carry."""
        ...

    @property
    def facts(self) -> Facts: ...

    @property
    def fact_readers(self) -> ReadersAt:
        """How the inputs of a billing mode are read: the port through which a failing source shows."""
        ...

    def get(self, kind: type[A], stream_id: str) -> A:
        """The aggregate of a stream, with what this decision recorded; blank (version 0) if nothing ever was.

        Raises StreamUnreadable.
        """
        ...

    def preload(self, kind: type[Aggregate], stream_ids: Iterable[str]) -> None:
        """Load many streams in one query, so that the ``get`` calls after it need none."""
        ...

    def record(self, stream_id: str, payload: EventPayload, occurred_at: int | None = None) -> int:
        """Append to the stream, fold into its aggregate, answer the event's position in the shard.

        ``occurred_at`` (microseconds UTC) defaults to ``recorded_at``.
        """
        ...

    def event_id(self, position: int) -> str:
        """The id, UUID text, of an event that this decision recorded."""
        ...

    def require_room_for_due(self) -> None:
        """Raises ``MoreIsDue``. Asked before each due change, which is then appended with all that follows from it."""
        ...

    def record_due(self, stream_id: str, payload: EventPayload, command_id: str, due_at: int) -> None:
        """Append what the clock brought, under the clock's own command id; it occurred at ``due_at`` (C6).

        It is not this command's: a command that is refused leaves it recorded.
        """
        ...

    def known_attempts(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Content digests (16 bytes) of those attempt keys (16 bytes) that the ledger has taken, by key."""
        ...

    def claim_attempts(self, attempts: Iterable[tuple[bytes, bytes]], position: int) -> None:
        """Take attempts (key, content digest); ``position`` is the event that holds them. Each key must be free."""
        ...

    def move_attempts(self, keys: Iterable[bytes], position: int) -> None:
        """Attempts that were taken before are from now on held by the event at ``position``."""
        ...

    def holders(self, keys: Iterable[bytes]) -> Mapping[bytes, Holder]:
        """By key, the events that hold those attempts that the ledger has taken, with all that they say."""
        ...

    def history(self, stream_id: str, recorded_since: int) -> Iterator[Holder]:
        """Events of a stream of the tenant recorded at or after an instant (microseconds UTC), oldest first.

        They are read while nobody else can append, so whoever asks bounds how many it takes.
        """
        ...

    def quarantined(self, keys: Iterable[bytes]) -> Mapping[tuple[bytes, str], Kept]:
        """What is in quarantine under these attempt keys, by key and disposition: ``waiting``, ``rejected``."""
        ...

    def claimed(self, key_kind: str, keys: Iterable[str]) -> Mapping[str, str]:
        """Contents, by key, of those business keys of the tenant that an earlier command claimed; a query at most."""
        ...

    def throttle(self, account_id: str, capability: str, limit: RateLimit | None) -> None:
        """Count a call of the tenant's account against its rate limit, and of the key against its circuit breaker.

        Raises ``Throttled``: ``rate_limited``, ``circuit_open`` (L7, L8).
        """
        ...

    def find_holds(self, hold_ids: Iterable[str]) -> Mapping[str, HoldFound]:
        """Those of these holds of the tenant that were ever placed, by id, as this decision has them."""
        ...

    def placed_hold(self, hold: HoldFound) -> HoldPlaced:
        """The event that placed the hold, for what its account does not remember of one that is closed."""
        ...

    def claim(self, key_kind: str, key: str, content: str) -> bytes | None:
        """Claim a business key of the tenant (a payment, a grant reference) for this command.

        None: it was free and is now this command's, with this command's answer stored beside it. Otherwise the
        answer of the command that holds it, when its content was equal. Other content raises
        ``Refusal('<key_kind>_conflict')``.
        """
        ...
