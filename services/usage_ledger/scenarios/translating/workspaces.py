"""The workspaces that usage comes from: cases do not speak of them."""

from __future__ import annotations

from collections.abc import Iterator

from usage_ledger.scenarios.translating.asked import REASON, Asked
from usage_ledger.scenarios.worlds.world import AccountRef
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace


def workspace_of(account_id: str, credential: str | None = None) -> str:
    """Where usage of the account comes from. What a gateway observed decides in a case, for nothing else does."""
    return f"ws-{account_id}.byok" if credential == "byok" else f"ws-{account_id}"


def workspaces(account: AccountRef) -> Iterator[Asked]:
    """The commands that make an account's workspaces: pinned to it, one that the platform manages and one of byok."""
    for credential in (None, "byok"):
        workspace_id = workspace_of(account.account_id, credential)
        yield Asked(account.tenant, RegisterWorkspace(workspace_id, account.account_id))
        if credential is not None:
            yield Asked(account.tenant, ChangeBillingMode(workspace_id, credential, REASON))
