"""What a case needs of the place where it is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

import msgspec

from usage_ledger.keys.registered_key import RegisteredKey
from usage_ledger.refusals import InvalidInput
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.scenarios.virtual_clock import VirtualClock
from usage_ledger.scenarios.worlds.rehearsed_ledger import RehearsedLedger
from usage_ledger.submission import Outcome, Submission


class AccountRef(NamedTuple):
    """An account of a tenant."""

    tenant: str
    account_id: str


class Figures(msgspec.Struct, frozen=True):
    """An account as a read shows it: nano-units of its currency. ``lots`` are remainders above zero, by lot id."""

    balance: int
    held: int
    available: int
    overdraft: int
    unbilled: int
    state: str
    lots: Mapping[str, int]


class CodeBalance(NamedTuple):
    """Debits minus credits of a code on an account, nano-units."""

    account: AccountRef
    currency: str
    code: int
    debit: int


class CodeTotal(NamedTuple):
    """Debits minus credits of a code over all accounts, nano-units."""

    currency: str
    code: int
    debit: int


class Movement(NamedTuple):
    """An entry of a statement; ``effect`` is nano-units, signed. ``event_id`` is 16 bytes."""

    event_id: bytes
    type: str
    effect: int


class Movements(NamedTuple):
    """A page of a statement, newest first."""

    items: Sequence[Movement]
    more: bool
    limit: int


class UsageTotal(NamedTuple):
    """Charge lines, and what they were charged (nano-units)."""

    lines: int
    charged: int


class MemberUsage(NamedTuple):
    """Charge lines of a user, None = unattributed, and what they were charged (nano-units)."""

    user: str | None
    lines: int
    charged: int


class Suspended(NamedTuple):
    """A line without a price, and what it may come to cost: nano-units, or unknown."""

    attempt: str
    reason: str
    exposure: int | None


class BilledAs(NamedTuple):
    """What the row of a workspace says of its billing mode."""

    model: str | None
    mode: str | None
    source: str | None
    provider: str | None


class Views(Protocol):
    """Reads of what was recorded. None: there is no such account (A5)."""

    def catch_up(self) -> None:
        """Take in everything that was recorded."""
        ...

    def figures(self, account: AccountRef) -> Figures | None: ...
    def code_balances(self) -> list[CodeBalance]:
        """Of every account, from the lines of its statement."""
        ...

    def trial_balance(self) -> list[CodeTotal]:
        """Of the whole ledger, by the view that is kept for it."""
        ...

    def statement(self, account: AccountRef, limit: int | None, page: int) -> Movements | None: ...
    def usage_total(self, account: AccountRef, start_day: int, end_day: int) -> UsageTotal:
        """Of usage that occurred in [start, end); days count from 1970-01-01 UTC."""
        ...

    def member_usage(self, account: AccountRef) -> list[MemberUsage]:
        """By user, unattributed usage last."""
        ...

    def lifetime_spend(self, account: AccountRef) -> int | None:
        """Nano-units of usage and fees."""
        ...

    def suspense(self, account: AccountRef) -> list[Suspended]:
        """In the order in which they were recorded."""
        ...

    def billed_as(self, tenant: str, workspace_id: str) -> BilledAs | None:
        """None: the views know no such workspace."""
        ...


class World(Protocol):
    """A ledger in a place, and what is read of it."""

    @property
    def ledger(self) -> RehearsedLedger: ...
    @property
    def views(self) -> Views: ...

    def find_key(self, key_id: str) -> RegisteredKey | None:
        """As the register of the doors has it."""
        ...

    def submit_at_once(self, submissions: Sequence[Submission]) -> list[Outcome | InvalidInput]:
        """Decide commands on threads of their own, each through an appender of its own, as several processes would."""
        ...

    def overwrite(self, event: PastEvent, state: bytes) -> None:
        """Change what is stored, behind the ledger's back."""
        ...


Place = Callable[[VirtualClock], AbstractContextManager[World]]
"""Makes a new and empty world under the clock; it is gone at the end of the block."""
