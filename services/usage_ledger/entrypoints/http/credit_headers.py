"""What an answer says of credit and usage, as headers: for gateways that pass them on and never read the body (U17)."""

from __future__ import annotations

from typing import Final

import msgspec


class _Credits(msgspec.Struct):
    """The members of an answer that have a header; of others nothing is decoded."""

    charged: str | None = None
    currency: str | None = None
    available: str | None = None
    held: str | None = None
    hold_id: str | None = None
    usage_event_id: str | None = None


NAMES: Final = {
    "charged": "X-Credits-Charged",
    "currency": "X-Credits-Currency",
    "available": "X-Credits-Available",
    "held": "X-Credits-Held",
    "hold_id": "X-Hold-Id",
    "usage_event_id": "X-Usage-Event-Id",
}
"""Headers by member. Each is absent where there is no one answer to it, such as when several accounts paid."""

_decoder: Final = msgspec.json.Decoder(_Credits)


def credit_headers(answer: bytes) -> dict[str, str]:
    """Of an answer's JSON. A currency alone says nothing."""
    told = _decoder.decode(answer)
    found = {name: getattr(told, name) for name in NAMES}
    if all(text is None for name, text in found.items() if name != "currency"):
        return {}
    return {NAMES[name]: text for name, text in found.items() if text is not None}
