"""Time zones by their IANA name."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=1_024)
def zone_named(name: str) -> ZoneInfo:
    """The rules of the zone. Raises ``UnknownZone``."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnknownZone(name) from None


class UnknownZone(LookupError):
    """No zone of the time zone table has this name."""
