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
