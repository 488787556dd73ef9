"""The workspaces that calls come from: cases speak of accounts, and of a mode where it matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from usage_ledger.scenarios.steps import Command
from usage_ledger.scenarios.translating.asked import REASON, Asked
from usage_ledger.scenarios.worlds.world import AccountRef
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace

_OTHER_MODES: Final = ("byok", "disabled")


def workspace_of(account_id: str, mode: str | None) -> str:
    """Where calls of the account come from in a mode; None is that of the deployment."""
    return f"ws-{account_id}.{mode}" if mode in _OTHER_MODES else f"ws-{account_id}"


def mode_of(fields: Mapping[str, Any]) -> str | None:
    """Of an item or a hold. What a gateway observed decides in a case, for nothing else does."""
    return fields.get("mode", "byok" if fields.get("credential") == "byok" else None)


def modes_of(commands: Iterable[Command]) -> set[str]:
    """Those that calls of a case have beside that of the deployment."""
    calls = [call for command in commands for call in (command.fields, *command.fields.get("items", ()))]
    return {mode for call in calls if (mode := mode_of(call)) in _OTHER_MODES}


def workspaces(account: AccountRef, modes: Iterable[str]) -> Iterator[Asked]:
    """The commands that make an account's workspaces, each pinned to it, and in a mode of its own but the first."""
    yield Asked(account.tenant, RegisterWorkspace(workspace_of(account.account_id, None), account.account_id))
    for mode in sorted(modes):
        workspace_id = workspace_of(account.account_id, mode)
        yield Asked(account.tenant, RegisterWorkspace(workspace_id, account.account_id))
        yield Asked(account.tenant, ChangeBillingMode(workspace_id, mode, REASON))
