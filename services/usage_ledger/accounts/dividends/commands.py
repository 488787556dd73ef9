"""What can be asked about dividends. Money comes as decimal text in the currency of the accounts."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from usage_ledger.identifiers import Currency, Id

RECIPIENTS_MAX: Final = 1_000
"""Of one dividend: their ids fit one event, and paying them all fits one append."""

Recipients = Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=RECIPIENTS_MAX)]


class DeclareDividend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Freeze a pool and who shares it equally (C16, M5)."""

    dividend_id: Id
    pool: str
    recipients: Recipients
    currency: Currency | None = None


class PayDividend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pay whoever was not paid yet; at most ``recipients_max`` of them, all of them if that is absent (C16)."""

    dividend_id: Id
    recipients_max: Annotated[int, msgspec.Meta(ge=1, le=RECIPIENTS_MAX)] | None = None
