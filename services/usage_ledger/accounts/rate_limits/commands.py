"""What can be asked about an account's rate limits."""

from __future__ import annotations

from typing import Annotated

import msgspec

from usage_ledger.identifiers import Id

Calls = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]


class SetRateLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let the account place so many holds for calls of a capability in so many seconds (L7).

    ``burst`` may come at once, by default the whole ``limit``; ``limit`` None takes the rate limit away.
    An account has at most 100 of them.
    """

    account_id: Id
    capability: Id
    per_seconds: Seconds
    limit: Calls | None
    burst: Calls | None = None
