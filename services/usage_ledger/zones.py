"""Time zones by their IANA names, from package ``tzdata`` and never from the machine.

So every process, and every replay of history, has the same ones, whatever is installed where it runs.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

_NOBODY_SET_IT: Final = "Factory"
"""A zone of the table for machines that were never told where they are."""

_TZDATA: Final = files("tzdata")

NAMES: Final = frozenset(_TZDATA.joinpath("zones").read_text(encoding="utf-8").split()) - {_NOBODY_SET_IT}


@cache
def time_zone(name: str) -> ZoneInfo:
    """Raises LookupError for a name that is not in ``NAMES``."""
    if name not in NAMES:
        raise LookupError(f"{name} is no time zone")
    with _TZDATA.joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)
