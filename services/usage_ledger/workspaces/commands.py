"""What a workspace can be asked to do. Texts that name a mode or a model are trimmed before they are compared."""

from __future__ import annotations

from typing import Annotated

import msgspec

from usage_ledger.identifiers import Id
from usage_ledger.workspaces.events import ModelOrigin, WorkspaceKind

# In both patterns white space can be matched in one way only: with two, a long run of it would be tried in every split.
_NAME = r"(?!\.{1,2}\s*\Z)[A-Za-z0-9_.:@/-]{1,128}"
_MAX_TEXT = 1024

ModelText = Annotated[str, msgspec.Meta(max_length=_MAX_TEXT, pattern=rf"\A\s*{_NAME}\s*\Z")]
"""A model's name, with whatever white space surrounds it."""

NameOrBlank = Annotated[str, msgspec.Meta(max_length=_MAX_TEXT, pattern=rf"\A\s*({_NAME}\s*)?\Z")]
"""A name, or blank text, which is the same as none."""

Text = Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)]
"""Text that the deciding function judges itself, because its refusals have codes of their own."""


class RegisterWorkspace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Begin a workspace; with an account, pin its first payer; with a model, select it. All or nothing."""

    workspace_id: Id
    account_id: Id | None = None
    runtime: NameOrBlank | None = None
    model: NameOrBlank | None = None
    kind: WorkspaceKind | None = None


class SelectModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Set the workspace's model. ``origin`` absent means user."""

    workspace_id: Id
    model: ModelText
    origin: ModelOrigin | None = None
    expected_version: int | None = None


class ClearModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Leave the workspace without a model."""

    workspace_id: Id
    expected_version: int | None = None


class ChangeBillingMode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Choose the workspace's mode; None clears the override, an absent mode is refused."""

    workspace_id: Id
    mode: Text | msgspec.UnsetType | None = msgspec.UNSET
    reason: Text = ""
    expected_version: int | None = None
