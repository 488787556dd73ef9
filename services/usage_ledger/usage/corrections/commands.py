"""What can be asked about usage that was booked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from usage_ledger.identifiers import Id
from usage_ledger.usage.commands import ReasonText
from usage_ledger.usage.item import ApiFlavor, ReportedMoney, UnitName

Knowledge = Literal["original", "current"]
"""By which prices a line is rated: those that were known when it was rated, or those that are known now."""


class CorrectUsage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Replace what a booked attempt consumed or reported, or void it (U16). ``item`` is its id, ``source`` its own.

    Counts come as ``usage`` or as ``raw_usage`` with its ``api_flavor``; what is not given stays as it was.
    """

    item: Id
    source: Id
    reason: ReasonText = ""
    usage: Annotated[dict[UnitName, int], msgspec.Meta(max_length=64)] | None = None
    raw_usage: dict[str, Any] | None = None
    api_flavor: ApiFlavor | None = None
    reported_cost: ReportedMoney | None = None
    void: bool = False
    knowledge: Knowledge = "original"


class RerateUsage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """Rate an account's usage that occurred in [``start``, ``end``) by what is known of prices now (P10).

    Times are microseconds UTC. ``dry_run``: say the differences and book nothing.
    """

    account_id: Id
    start: int
    end: int
    dry_run: bool = False
