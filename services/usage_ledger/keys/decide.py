"""Issuing, rotating and revoking service keys. Revoking what is revoked already is accepted without an event."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Decision
from usage_ledger.keys.commands import IssueServiceKey, RevokeServiceKey, RotateServiceKey
from usage_ledger.keys.events import KeyCircuit, ServiceKeyIssued, ServiceKeyRevoked, ServiceKeyRotated
from usage_ledger.keys.service_key import ServiceKey
from usage_ledger.refusals import Refusal
from usage_ledger.streams import PLATFORM, account_stream, key_stream, workspace_stream
from usage_ledger.workspaces.workspace import Workspace


class KeyAnswer(msgspec.Struct, frozen=True):
    """Which key, and how to recognise it. The door adds the secret, once."""

    key_id: str
    prefix: str


def issue_service_key(command: IssueServiceKey, decision: Decision) -> KeyAnswer:
    """Issue a key of the deciding tenant (K1, K3): ``key_exists``, ``key_scope``, ``expires_in_past``.

    Only the platform has keys with scope ``admin`` or with a list of tenants, else ``key_scope``. The account or
    workspace that the key is restricted to must exist: ``account_not_found``, ``workspace_not_found``.
    """
    stream = key_stream(decision.tenant, command.key_id)
    if decision.get(ServiceKey, stream).version:
        raise Refusal("key_exists", f"key {command.key_id} was issued before")
    _require_platform(command, decision)
    if command.expires_at is not None and command.expires_at <= decision.recorded_at:
        raise Refusal("expires_in_past", "the key would never admit anything")
    _require_restriction(command, decision)
    decision.record(
        stream,
        ServiceKeyIssued(
            key_id=command.key_id,
            secret_hash=command.secret_hash,
            prefix=command.prefix,
            scopes=command.scopes,
            key_source=command.source,
            account_id=command.account_id,
            workspace_id=command.workspace_id,
            tenants=command.tenants,
            expires_at=command.expires_at,
            capabilities=command.capabilities,
            models=command.models,
            bill_to=command.bill_to,
            circuit=None if command.circuit is None else KeyCircuit(*msgspec.structs.astuple(command.circuit)),
        ),
    )
    return KeyAnswer(command.key_id, command.prefix)


def rotate_service_key(command: RotateServiceKey, decision: Decision) -> KeyAnswer:
    """Replace a key's secret (K2): ``key_not_found``, ``already_revoked``, ``already_expired``, ``expires_in_past``.

    Scopes, restrictions and expiry stay. Of the secrets before, only the last may go on for a while: whoever rotates
    once more, because the first time was too generous, is rid of every old one.
    """
    stream = key_stream(decision.tenant, command.key_id)
    key = _issued_key(stream, command.key_id, decision)
    _require_alive(key, decision)
    until = decision.recorded_at if command.old_valid_until is None else command.old_valid_until
    if until < decision.recorded_at:
        raise Refusal("expires_in_past", "how long the old secret was valid cannot be changed afterwards")
    decision.record(stream, ServiceKeyRotated(command.key_id, command.secret_hash, until))
    return KeyAnswer(command.key_id, key.prefix)


def revoke_service_key(command: RevokeServiceKey, decision: Decision) -> KeyAnswer:
    """Revoke a key (K2): ``missing_reason``, ``key_not_found``."""
    reason = command.reason.strip()
    if not reason:
        raise Refusal("missing_reason", "revoking a key needs a reason")
    stream = key_stream(decision.tenant, command.key_id)
    key = _issued_key(stream, command.key_id, decision)
    if not key.revoked:
        decision.record(stream, ServiceKeyRevoked(command.key_id, reason))
    return KeyAnswer(command.key_id, key.prefix)


def _issued_key(stream: str, key_id: str, decision: Decision) -> ServiceKey:
    key = decision.get(ServiceKey, stream)
    if not key.version:
        raise Refusal("key_not_found", f"key {key_id} was never issued")
    return key


def _require_alive(key: ServiceKey, decision: Decision) -> None:
    """A new secret for a key that admits nothing would be a mistake that shows only where it is used."""
    if key.revoked:
        raise Refusal("already_revoked", "a revoked key stays revoked; issue another one")
    if key.expires_at is not None and key.expires_at <= decision.recorded_at:
        raise Refusal("already_expired", "the key has expired; issue another one")


def _require_platform(command: IssueServiceKey, decision: Decision) -> None:
    if decision.tenant == PLATFORM:
        return
    if "admin" in command.scopes:
        raise Refusal("key_scope", "only keys of the platform have scope admin")
    if command.tenants is not None:
        raise Refusal("key_scope", "only keys of the platform may name other tenants")


def _require_restriction(command: IssueServiceKey, decision: Decision) -> None:
    """A key restricted to what does not exist would never work: the mistake is told now (A5)."""
    tenant, account_id, workspace_id = decision.tenant, command.account_id, command.workspace_id
    if account_id is not None and not decision.get(Account, account_stream(tenant, account_id)).version:
        raise Refusal("account_not_found", f"account {account_id} does not exist")
    if workspace_id is not None and not decision.get(Workspace, workspace_stream(tenant, workspace_id)).version:
        raise Refusal("workspace_not_found", f"workspace {workspace_id} is not registered")
