"""For whom an account pays, since when, until when and up to how much (U15).

Late usage is judged by the authority that stood when it occurred, so ended ones are remembered.
"""

from __future__ import annotations

from typing import Final

import msgspec

AUTHORITIES_MAX: Final = 100
"""Of one beneficiary: more than any that is given and revoked daily collects while usage may still come late (U6)."""


class Authority(msgspec.Struct):
    """One permission, from ``since`` (inclusive) until it expires or is ``revoked_at`` (exclusive), microseconds UTC.

    ``charged`` is what usage under it came to, nano-units; of ``cap`` it takes a part, as open holds do.
    """

    since: int
    cap: int | None
    expires_at: int | None
    revoked_at: int | None = None
    charged: int = 0

    def stands_at(self, instant: int) -> bool:
        ends = [end for end in (self.expires_at, self.revoked_at) if end is not None]
        return self.since <= instant and all(instant < end for end in ends)


class BillTo(msgspec.Struct):
    """The authorities that the account gave, by beneficiary, oldest first."""

    authorities: dict[str, list[Authority]] = {}

    def give(self, beneficiary: str, authority: Authority) -> None:
        """Beside those that ended before; of very many only the latest are remembered."""
        given = [*self.authorities.get(beneficiary, ()), authority]
        self.authorities[beneficiary] = given[-AUTHORITIES_MAX:]

    def at(self, beneficiary: str, instant: int) -> Authority | None:
        """The authority that stands at the instant (microseconds UTC)."""
        given = self.authorities.get(beneficiary, ())
        return next((authority for authority in reversed(given) if authority.stands_at(instant)), None)
