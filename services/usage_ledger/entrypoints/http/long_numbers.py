"""Numbers with more digits than the JSON library takes: one is then its item's problem and not its request's."""

from __future__ import annotations

import re
from typing import Final

# Texts first, so that digits within one are left alone; a text without an end goes to the end, so that looking for
# numbers is one pass over whatever came.
_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|(?P<number>[1-9]\d{4300,})', re.DOTALL)

_AS_LARGE: Final = b"9" * 40
"""Beyond 128 bits, as what it stands for is: it is out of range for the same reasons."""


def with_short_numbers(body: bytes) -> bytes:
    """The body with every integer of more than 4,300 digits made a shorter one that is out of every range as well."""
    return _TOKEN.sub(lambda token: _AS_LARGE if token["number"] else token[0], body)
