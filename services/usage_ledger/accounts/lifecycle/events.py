"""What happened to an account's standing: whether it is admitted to use anything (A3)."""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class AccountSuspended(EventPayload, frozen=True):
    """Another reason suspends the account (A3). ``reasons`` are all of them from now on, sorted."""

    account_id: str
    reason: str
    reasons: tuple[str, ...]


class AccountResumed(EventPayload, frozen=True):
    """A reason fell away (A3). ``reasons`` are those left, sorted: the account is open again when there is none."""

    account_id: str
    reason: str
    reasons: tuple[str, ...]


class AccountClosed(EventPayload, frozen=True):
    """For good (A3, A4)."""

    account_id: str
    reason: str


class OverdraftLimitSet(EventPayload, frozen=True):
    """How far admitted calls may take a prepaid account below zero (H2)."""

    account_id: str
    currency: str
    previous: int
    limit: int
    reason: str | None


class CreditLimitSet(EventPayload, frozen=True):
    """How much an invoiced account may owe, unbilled; None is without limit (A2)."""

    account_id: str
    currency: str
    previous: int | None
    limit: int | None
    reason: str | None
