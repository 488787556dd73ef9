"""The four states of an input (billing-mode 3): absent, recognised, unknown text, unreadable.

An unreadable input never passes for an absent one. Text is normalised here and nowhere else.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from usage_ledger.workspaces.billing_mode import MODES, BillingMode

InputState = Literal["absent", "recognised", "unknown_text", "unreadable"]
CredentialScope = Literal["workspace", "tenant"]


class Input(msgspec.Struct, frozen=True, gc=False):
    """``value`` is the normalised text, or the stored text where it is unknown; None when absent or unreadable."""

    state: InputState
    value: str | None


ABSENT: Final = Input("absent", None)
UNREADABLE: Final = Input("unreadable", None)


class Credentials(msgspec.Struct, frozen=True):
    """The stored names by scope, or that they cannot be read. Never a value."""

    workspace: frozenset[str] = frozenset()
    tenant: frozenset[str] = frozenset()
    is_readable: bool = True

    def available(self) -> frozenset[str]:
        """The names of both scopes; none while they cannot be read."""
        return self.workspace | self.tenant

    def has_any(self, names: frozenset[str]) -> bool:
        """Whether one of the names is stored, at either scope."""
        return not (self.workspace.isdisjoint(names) and self.tenant.isdisjoint(names))

    def of(self, scope: CredentialScope) -> frozenset[str]:
        """The names of one scope; none while they cannot be read."""
        return self.tenant if scope == "tenant" else self.workspace

    def with_names(self, scope: CredentialScope, names: frozenset[str]) -> Credentials:
        """With these names at the scope. Names that cannot be read stay unread: one more of them breaks no tie."""
        if not self.is_readable:
            return self
        if scope == "tenant":
            return Credentials(self.workspace, names)
        return Credentials(names, self.tenant)


UNREADABLE_CREDENTIALS: Final = Credentials(is_readable=False)


def override_input(text: str | None) -> Input:
    """Compared exactly, with case: the command trimmed what it stored."""
    if text is None:
        return ABSENT
    return Input("recognised" if text in MODES else "unknown_text", text)


def org_default_input(text: str | None) -> Input:
    """Trimmed and without regard to case; unknown text stays as it is stored."""
    if text is None:
        return ABSENT
    mode = text.strip().lower()
    return Input("recognised", mode) if mode in MODES else Input("unknown_text", text)


def model_input(text: str | None) -> Input:
    """Outer white space is no part of it; blank is absent. Whether it is known is the registry's to say."""
    model = (text or "").strip()
    return Input("recognised", model) if model else ABSENT


def runtime_input(text: str | None) -> Input:
    """Exact; blank is absent, and there is no default."""
    return Input("recognised", text) if text and text.strip() else ABSENT


def credential_name(text: str) -> str:
    """A name as it is compared: trimmed, in capitals."""
    return text.strip().upper()


def as_mode(text: str | None) -> BillingMode:
    """A mode that was recognised before. Raises ValueError for any other text."""
    for mode in MODES:
        if mode == text:
            return mode
    raise ValueError(f"{text!r} is no billing mode")
