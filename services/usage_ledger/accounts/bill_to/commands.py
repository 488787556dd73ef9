"""What a payer can be asked about whom it pays for (U15). Money comes as decimal text in the payer's currency."""

from __future__ import annotations

import msgspec

from usage_ledger.identifiers import Currency, Id


class AuthorizeBillTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let usage of ``beneficiary`` be charged to the account: up to ``cap``, until ``expires_at`` (microseconds UTC).

    For an authority that stands it changes cap and expiry. An account pays for at most 1,000 others.
    """

    account_id: Id
    beneficiary: Id
    cap: str | None = None
    currency: Currency | None = None
    expires_at: int | None = None


class RevokeBillTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """End the authority from now on. Holds that it admitted are settled by the payer all the same."""

    account_id: Id
    beneficiary: Id
