"""What an operator can do to accounting months."""

from __future__ import annotations

from typing import Annotated

import msgspec

MonthText = Annotated[str, msgspec.Meta(max_length=16)]
"""``YYYY-MM``; the deciding function judges it."""


class CloseMonth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Close a month that is over (U6)."""

    month: MonthText
