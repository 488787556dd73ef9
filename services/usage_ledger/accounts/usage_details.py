"""What few charge lines and few decisions have: each stands in one optional record, so that plain lines pay nothing."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.identifiers import Id, Reason

Quality = Literal["reported", "estimated"]
HoldState = Literal["open", "settled", "released", "expired", "not_found"]


class Attribution(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """For whom it was used. It never decides who pays, nor any rate limit (U14)."""

    user: Id | None = None
    workspace: Id | None = None
    key: Id | None = None
    team: Id | None = None
    end_user: Id | None = None


class DecisionDetail(msgspec.Struct, frozen=True, gc=False):
    """``used_by`` is the account whose usage it is, where another one pays (U15).

    ``bill_to_rejected`` is the account that was named to pay and had not allowed it; ``attribution_rejected`` is what
    was said of somebody whom the tenant does not know, and then there is no ``attribution`` (U14).
    """

    used_by: str | None = None
    bill_to_rejected: str | None = None
    attribution: Attribution | None = None
    attribution_rejected: Attribution | None = None
    run_id: str | None = None


class UsageReport(msgspec.Struct, frozen=True, gc=False):
    """How the counts came to be known. ``raw_usage`` is JSON as ``api_flavor`` writes it, at most 4 KB (U7, U13)."""

    quality: Quality = "reported"
    requested_model: str | None = None
    provider_response_id: str | None = None
    api_flavor: str | None = None
    raw_usage: str | None = None


class HoldNamed(msgspec.Struct, frozen=True, gc=False):
    """The hold that the usage named, and what it was when the usage came: only an open one is settled (H5, H7)."""

    hold_id: str
    hold_state: HoldState


class Backfill(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Why usage was let in that is older than 35 days, and who approved it (U6)."""

    reason: Reason
    approver: Id
