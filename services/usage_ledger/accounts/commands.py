"""What an account can be asked to do. Money comes as decimal text in the account's currency."""

from __future__ import annotations

from typing import Annotated

import msgspec

from usage_ledger.accounts.events import Funding, OwnerKind, Tier
from usage_ledger.identifiers import Currency, Id, Reason, Reference

Priority = Annotated[int, msgspec.Meta(ge=0, le=100)]
"""Low burns first (C1)."""


Attributable = Annotated[tuple[Id, ...], msgspec.Meta(max_length=1_000)]


class OpenAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Begin a payer's ledger (A1, A2). ``zone`` is an IANA name.

    ``members`` and ``workspaces`` are whom its usage may be attributed to; absent means anybody (U14).
    """

    account_id: Id
    owner_kind: OwnerKind
    currency: Currency
    funding: Funding | None = None
    zone: str | None = None
    overdraft_limit: str | None = None
    credit_limit: str | None = None
    tier: Tier | None = None
    members: Attributable | None = None
    workspaces: Attributable | None = None


class RecordPurchase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take credit that was paid for; ``payment_ref`` is the processor and its payment id (C8).

    ``expires_at`` is microseconds UTC.
    """

    account_id: Id
    amount: str
    payment_ref: Reference
    currency: Currency | None = None
    priority: Priority | None = None
    expires_at: int | None = None


class GrantCredits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give credit (C9). ``reference`` absent means the command itself. Times are microseconds UTC.

    ``effective_at`` absent means now; one to come schedules the grant.
    """

    account_id: Id
    amount: str
    kind: str
    reason: Reason
    currency: Currency | None = None
    priority: Priority | None = None
    reference: Reference | None = None
    effective_at: int | None = None
    expires_at: int | None = None


class ApplyDueChanges(msgspec.Struct, frozen=True):
    """Do to the account what is due by now (C6). Sent by the scheduler alone."""

    account_id: str
