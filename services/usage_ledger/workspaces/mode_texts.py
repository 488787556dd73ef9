"""The texts of modes as commands bring them: refused before they become facts, unless an import carries old state."""

from __future__ import annotations

import msgspec

from usage_ledger.refusals import Refusal
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.commands import Origin
from usage_ledger.workspaces.resolver.inputs import Input, org_default_input, override_input


def required_override(text: str | msgspec.UnsetType | None, origin: Origin | None) -> str | None:
    """The trimmed text, None to clear; a mode is compared with its case. Raises ``Refusal('invalid_billing_mode')``."""
    if text is None:
        return None
    trimmed = text.strip() if isinstance(text, str) else ""
    _require_mode(override_input(trimmed), origin)
    return trimmed


def required_org_default(text: str, origin: Origin | None) -> str:
    """The mode in lower case, as the resolver compares it; of an import the text as it is.

    Raises ``Refusal('invalid_billing_mode')``.
    """
    given = org_default_input(text)
    _require_mode(given, origin)
    return given.value or ""


def require_reason(text: str) -> str:
    """The trimmed reason. Raises ``Refusal('missing_reason')`` (billing-mode 12)."""
    reason = text.strip()
    if not reason:
        raise Refusal("missing_reason", "a change of who pays needs a reason")
    return reason


def _require_mode(given: Input, origin: Origin | None) -> None:
    """Blank text is no mode of anybody's, known or unknown."""
    is_text = bool(given.value and given.value.strip())
    if given.state != "recognised" and not (origin == "import" and is_text):
        raise Refusal("invalid_billing_mode", f"the mode is one of {', '.join(MODES)}, or null to clear it")
