"""What can be asked about usage."""

from __future__ import annotations

from typing import Annotated

import msgspec

from usage_ledger.accounts.usage_details import Backfill
from usage_ledger.identifiers import Id
from usage_ledger.usage.attempt import Attempt

ReasonText = Annotated[str, msgspec.Meta(max_length=1024)]
"""Why; the deciding function judges a blank one itself, because its refusal has a code of its own."""


class RecordUsage(msgspec.Struct, frozen=True):
    """Record attempts of one tenant (U4). ``atomic``: all of them or none. ``backfill`` lets old ones in (U6).

    ``final`` False leaves open what is left of the holds that the attempts name (H5).
    """

    attempts: tuple[Attempt, ...]
    atomic: bool = False
    backfill: Backfill | None = None
    final: bool = True

    def dedupe_keys(self) -> list[bytes]:
        """Of all that may have been taken before: the attempts, and the responses of providers that they name (U3)."""
        responses = [attempt.response for attempt in self.attempts if attempt.response is not None]
        return [attempt.key for attempt in self.attempts] + responses


class AssignPayer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Book an item that waits, at the cost of this account. ``item`` is its attempt id, ``source`` the attempt's."""

    item: Id
    source: Id
    account_id: Id
    reason: ReasonText = ""


class DiscardQuarantined(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give an item up that is kept in quarantine. ``item`` is its attempt id, ``source`` the attempt's."""

    item: Id
    source: Id
    reason: ReasonText = ""


class JudgeWaitingUsage(msgspec.Struct, frozen=True):
    """Judge items again for which a fact has arrived; ``keys`` are their attempt keys. Sent by the reactor alone."""

    keys: tuple[bytes, ...]


class RateSuspendedUsage(msgspec.Struct, frozen=True):
    """Rate lines of an account for whose model a price has arrived (U12). Sent by the reactor alone."""

    account_id: str
    keys: tuple[bytes, ...]
