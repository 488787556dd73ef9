"""What can be asked about holds. Money comes as decimal text in the account's currency."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Final

import msgspec

from usage_ledger.accounts.usage_details import Attribution
from usage_ledger.identifiers import Currency, Id, ModelName, Reason
from usage_ledger.usage.attempt_digests import attempt_key, response_key
from usage_ledger.usage.item import Credential, ReportedMoney, UsageItem

_ID_MAX: Final = 128

HoldSeconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
"""How long a hold may stay open (H4)."""

UpperCount = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""The most of a unit that the call can consume."""


class Estimate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The most that a call can consume, by the wire's names of units: rated, it is a ceiling (H4, H8).

    ``max_reported_cost`` is for models whose price is the cost that the provider reports.
    """

    model: ModelName
    provider: Id | None = None
    credential: Credential | None = None
    max_input_tokens: UpperCount = 0
    max_cache_read_tokens: UpperCount = 0
    max_cache_write_tokens: UpperCount = 0
    max_cache_write_1h_tokens: UpperCount = 0
    max_output_tokens: UpperCount = 0
    max_reasoning_tokens: UpperCount = 0
    max_audio_input_tokens: UpperCount = 0
    max_audio_output_tokens: UpperCount = 0
    max_image_input_tokens: UpperCount = 0
    max_image_output_tokens: UpperCount = 0
    max_images: UpperCount = 0
    max_requests: UpperCount = 0
    max_characters: UpperCount = 0
    max_audio_milliseconds: UpperCount = 0
    max_searches: UpperCount = 0
    max_reported_cost: ReportedMoney | None = None


class PlaceHold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reserve credit of the account for a call of the workspace that is about to be made (H4).

    Either ``amount`` is given, or it is rated from ``estimate``.
    """

    account_id: Id
    hold_id: Id
    workspace_id: Id
    amount: str | None = None
    estimate: Estimate | None = None
    currency: Currency | None = None
    expires_in_s: HoldSeconds = 600
    capability: Id | None = None
    run_id: Id | None = None
    bill_to: Id | None = None
    attributed_to: Attribution | None = None


class ReleaseHold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give up what an open hold reserves: the call was not made (H6)."""

    hold_id: Id
    reason: Reason | None = None


class SettleHold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Charge what a call came to, as the usage ``item`` or as an ``amount`` that is booked as given (H5).

    ``final`` False keeps what is left of the hold open.
    """

    hold_id: Id
    item: UsageItem | None = None
    amount: str | None = None
    currency: Currency | None = None
    final: bool = True

    def stated_id(self, command_id: str) -> str:
        """The attempt id of an amount, for which nobody gave one: that of the command is used once as well.

        It is an id like any other, so a long one gives way to its digest.
        """
        told = f"stated:{command_id}"
        return told if len(told) <= _ID_MAX else f"stated:{blake2b(command_id.encode(), digest_size=16).hexdigest()}"

    def dedupe_keys(self, tenant: str, source: str, command_id: str) -> list[bytes]:
        """Of all that may have been taken before: the attempt, and the provider's response that it names (U3)."""
        item = self.item
        if item is None:
            return [attempt_key(tenant, source, self.stated_id(command_id))]
        key = attempt_key(tenant, item.source or source, item.id)
        response = item.provider_response_id
        return [key] if response is None else [key, response_key(tenant, item.provider, response)]
