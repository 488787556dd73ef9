"""A key as the register has it: what it is for, and whether a secret of it admits (K1, K2)."""

from __future__ import annotations

from hmac import compare_digest

import msgspec

from usage_ledger.pricing.policy import model_pattern
from usage_ledger.submission import Breaker


class RegisteredKey(msgspec.Struct, frozen=True):
    """One key. Times are microseconds UTC; ``tenants`` makes it a gateway key, ``secret_hash`` is SHA-256.

    ``old_secret_hash`` is of the secret before the last rotation, which admits until ``old_valid_until``.
    ``capabilities`` and ``models`` (patterns) are those of the calls that it may hold credit for, ``bill_to`` the
    accounts that it may name to pay for them; None means all.
    """

    key_id: str
    tenant: str
    secret_hash: bytes
    scopes: frozenset[str]
    source: str
    account_id: str | None = None
    workspace_id: str | None = None
    tenants: frozenset[str] | None = None
    expires_at: int | None = None
    revoked_at: int | None = None
    old_secret_hash: bytes | None = None
    old_valid_until: int | None = None
    capabilities: frozenset[str] | None = None
    models: frozenset[str] | None = None
    bill_to: frozenset[str] | None = None
    breaker: Breaker | None = None

    def fits(self, secret_hash: bytes) -> bool:
        """Whether the hash is of this key's secret, or of the one before it, valid or not. Takes constant time."""
        return compare_digest(self.secret_hash, secret_hash) or self._is_old(secret_hash)

    def refusal_at(self, now: int, secret_hash: bytes) -> str | None:
        """Why a secret that fits does not admit at ``now``: ``key_revoked``, ``key_expired``; None if it does (K2)."""
        if self.revoked_at is not None:
            return "key_revoked"
        has_expired = self.expires_at is not None and self.expires_at <= now
        was_rotated = self._is_old(secret_hash) and (self.old_valid_until or 0) <= now
        return "key_expired" if has_expired or was_rotated else None

    def rotated(self, secret_hash: bytes, old_valid_until: int) -> RegisteredKey:
        """With a new secret; the one before it goes on until then, and any older one is forgotten (K2)."""
        return msgspec.structs.replace(
            self, secret_hash=secret_hash, old_secret_hash=self.secret_hash, old_valid_until=old_valid_until
        )

    def may_call(self, capability: str) -> bool:
        """Whether credit may be held under it for a call of this capability (K1)."""
        return self.capabilities is None or capability in self.capabilities

    def may_use(self, model: str | None) -> bool:
        """Whether credit may be held under it for a call of this model; None: the call does not say (K1)."""
        if self.models is None:
            return True
        return model is not None and any(model_pattern(each).fullmatch(model) for each in self.models)

    def may_bill(self, account_id: str | None) -> bool:
        """Whether it may name this account to pay; None: it names none (K1)."""
        return account_id is None or self.bill_to is None or account_id in self.bill_to

    def _is_old(self, secret_hash: bytes) -> bool:
        return self.old_secret_hash is not None and compare_digest(self.old_secret_hash, secret_hash)
