"""What can be asked about service keys. The door makes the secret; only its hash ever reaches a command."""

from __future__ import annotations

from typing import Annotated

import msgspec

from usage_ledger.identifiers import Id
from usage_ledger.keys.scopes import Scope
from usage_ledger.pricing.commands import ModelPattern

SecretHash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
"""SHA-256 of the secret."""

Prefix = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
"""The part of a key that may be shown, so that people can tell keys apart."""

Capabilities = Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=64)]
"""Such as ``chat`` or ``image``."""

TenantOrAll = Annotated[str, msgspec.Meta(pattern=r"\A(\*|(?!\.{1,2}\Z)[A-Za-z0-9_.:@-]{1,128})\Z")]


class Circuit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """More than ``requests`` within ``within_s`` seconds make the key rest for ``open_s`` seconds (L8)."""

    requests: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    within_s: Annotated[int, msgspec.Meta(ge=1, le=3_600)]
    open_s: Annotated[int, msgspec.Meta(ge=1, le=86_400)]


class IssueServiceKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let somebody speak for the tenant (K1). ``source`` names the commands sent under this key.

    With ``tenants`` it is a gateway key, which may name these tenants (``*`` = all) on each item. With ``capabilities``
    it holds credit for calls of these alone, with ``models`` of models of these patterns; with ``bill_to`` it names no
    other accounts to pay. Times are microseconds UTC.
    """

    key_id: Id
    secret_hash: SecretHash
    prefix: Prefix
    scopes: Annotated[tuple[Scope, ...], msgspec.Meta(min_length=1, max_length=16)]
    source: Id
    account_id: Id | None = None
    workspace_id: Id | None = None
    tenants: Annotated[tuple[TenantOrAll, ...], msgspec.Meta(min_length=1, max_length=1000)] | None = None
    expires_at: int | None = None
    capabilities: Capabilities | None = None
    models: Annotated[tuple[ModelPattern, ...], msgspec.Meta(min_length=1, max_length=64)] | None = None
    bill_to: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=64)] | None = None
    circuit: Circuit | None = None


class RotateServiceKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give the key a new secret, and everything else it has as before (K2).

    ``old_valid_until``, microseconds UTC: how long the secret of before still admits; none = no longer.
    """

    key_id: Id
    secret_hash: SecretHash
    old_valid_until: int | None = None


class RevokeServiceKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let the key admit nothing from now on (K2)."""

    key_id: Id
    reason: Annotated[str, msgspec.Meta(max_length=1024)] = ""
