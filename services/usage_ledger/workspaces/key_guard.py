"""The guard of vendor keys as commands meet it: a name that may not be stored is refused, and that is a fact."""

from __future__ import annotations

from typing import NamedTuple

from usage_ledger.refused import NotedRefusal
from usage_ledger.workspaces.events import CredentialScope, CredentialWriteRejected
from usage_ledger.workspaces.mode_at import Judged
from usage_ledger.workspaces.resolver.key_write import KeyRefused, refuse_key


class KeyWrite(NamedTuple):
    """A name that is to be stored. ``noted_in`` is the stream in which its refusal would stand."""

    workspace_id: str
    organization_id: str
    scope: CredentialScope
    name: str
    noted_in: str


def require_key_allowed(write: KeyWrite, would_be: Judged) -> None:
    """Judged on the state that the whole command would leave (billing-mode 6).

    Raises ``NotedRefusal``: ``reserved_credential_name``, ``platform_model_blocks_vendor_key``,
    ``vendor_key_refused``; the last two with the rule.
    """
    refused = refuse_key(write.name, write.scope, would_be.facts, would_be.registry, would_be.policy)
    if refused is None:
        return
    code = code_of(refused)
    seen = {"name": write.name, "scope": write.scope, "policy": would_be.policy.name}
    raise NotedRefusal(
        code,
        _detail_of(refused),
        seen if refused.rule is None else {"rule": refused.rule, **seen},
        write.noted_in,
        _rejected(write, would_be, code, refused),
    )


def _rejected(write: KeyWrite, would_be: Judged, code: str, refused: KeyRefused) -> CredentialWriteRejected:
    return CredentialWriteRejected(
        workspace_id=write.workspace_id,
        organization_id=write.organization_id,
        scope=write.scope,
        name=write.name,
        code=code,
        rule=refused.rule,
        model=would_be.facts.model.value,
        runtime=would_be.facts.runtime.value,
        policy=would_be.policy.name,
        registry_version=would_be.resolved.registry_version,
    )


def code_of(refused: KeyRefused) -> str:
    """As it is refused with: the commonest rule has a code of its own (billing-mode 16)."""
    return "platform_model_blocks_vendor_key" if refused.rule == "platform_model" else refused.code


def _detail_of(refused: KeyRefused) -> str:
    if refused.rule is None:
        return "the name is the platform's own"
    return f"a vendor's key must not be stored here: {refused.rule.replace('_', ' ')}"
