"""What is decided by hand says why."""

from __future__ import annotations

from usage_ledger.refusals import Refusal


def required_reason(text: str) -> str:
    """The reason without blanks around it. Raises ``Refusal('missing_reason')`` when nothing is left."""
    reason = text.strip()
    if not reason:
        raise Refusal("missing_reason", "what is decided by hand needs a reason")
    return reason
