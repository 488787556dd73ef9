"""What can be asked about usage."""

from __future__ import annotations

import msgspec

from usage_ledger.usage.attempt import Attempt


class RecordUsage(msgspec.Struct, frozen=True):
    """Record attempts of one tenant (U4). ``atomic``: all of them or none."""

    attempts: tuple[Attempt, ...]
    atomic: bool = False
