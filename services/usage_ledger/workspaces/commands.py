"""What a workspace can be asked to do. Texts that name a mode or a model are trimmed before they are compared.

No command has room for the value of a credential: of what is stored elsewhere the ledger knows a name, and a keyed
digest by which one content can be told from another.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from usage_ledger.identifiers import Id
from usage_ledger.workspaces.events import CredentialScope, ModelOrigin, WorkspaceKind

# In both patterns white space can be matched in one way only: with two, a long run of it would be tried in every split.
_NAME = r"(?!\.{1,2}\s*\Z)[A-Za-z0-9_.:@/-]{1,128}"
_MAX_TEXT = 1024

ModelText = Annotated[str, msgspec.Meta(max_length=_MAX_TEXT, pattern=rf"\A\s*{_NAME}\s*\Z")]
"""A model's name, with whatever white space surrounds it."""

NameOrBlank = Annotated[str, msgspec.Meta(max_length=_MAX_TEXT, pattern=rf"\A\s*({_NAME}\s*)?\Z")]
"""A name, or blank text, which is the same as none."""

Text = Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)]
"""Text that the deciding function judges itself, because its refusals have codes of their own."""

Origin = Literal["user", "import"]
"""An import may carry texts that no rule knows, so that old state can be loaded; it skips no other rule."""

RegistrationOrigin = Literal["user", "template", "import"]


class NamedCredential(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A credential that is stored elsewhere, by the environment variable's name and a keyed digest of its value."""

    name: Text
    fingerprint: Text = ""


class RegisterWorkspace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Begin a workspace; with an account, pin its first payer; with a model and credentials, store them.

    All or nothing. ``organization_id`` absent is the tenant's own organization. ``origin`` absent means user.
    """

    workspace_id: Id
    account_id: Id | None = None
    runtime: NameOrBlank | None = None
    model: NameOrBlank | None = None
    kind: WorkspaceKind | None = None
    organization_id: Id | None = None
    credentials: Annotated[tuple[NamedCredential, ...], msgspec.Meta(max_length=100)] = ()
    origin: RegistrationOrigin | None = None


class SelectModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Set the workspace's model and, where one is given, its runtime. ``origin`` absent means user."""

    workspace_id: Id
    model: ModelText
    origin: ModelOrigin | None = None
    expected_version: int | None = None
    runtime: NameOrBlank | None = None


class ClearModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Leave the workspace without a model; a runtime that is given changes with it."""

    workspace_id: Id
    expected_version: int | None = None
    runtime: NameOrBlank | None = None


class ChangeRuntime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Run the workspace on another runtime; None or blank text is a plain gateway client."""

    workspace_id: Id
    runtime: NameOrBlank | None
    origin: Origin | None = None
    expected_version: int | None = None


class ChangeBillingMode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Choose the workspace's mode; None clears the override, an absent mode is refused."""

    workspace_id: Id
    mode: Text | msgspec.UnsetType | None = msgspec.UNSET
    reason: Text = ""
    expected_version: int | None = None
    origin: Origin | None = None


class AddCredentialName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A credential is stored under this name: for the workspace or, at scope ``tenant``, for its organization."""

    workspace_id: Id
    name: Text
    fingerprint: Text = ""
    scope: CredentialScope | None = None
    expected_version: int | None = None


class RemoveCredentialName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No credential is stored under this name any more. ``scope`` absent means workspace."""

    workspace_id: Id
    name: Text
    scope: CredentialScope | None = None
    expected_version: int | None = None


class SetOrgDefault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mode for all workspaces of the organization, which only some policies read."""

    organization_id: Id
    mode: Text = ""
    reason: Text = ""
    origin: Origin | None = None
    expected_version: int | None = None


class ClearOrgDefault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The organization has no mode of its own any more."""

    organization_id: Id
    reason: Text = ""
    expected_version: int | None = None


class DecideProvision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Decide what one start of the workspace is. A run has one decision, whoever asks for it again."""

    workspace_id: Id
    run_id: Id


RESOLVED_MAX: Final = 250
"""Workspaces of one ``ResolveBillingModes``: bounds how long their shard stays locked for what can wait."""


class ResolveBillingModes(msgspec.Struct, frozen=True):
    """Ask again how these workspaces of one tenant are billed. Only the reactor sends it.

    ``cause`` is the id of the event of the fact that counts since then, microseconds UTC.
    """

    workspace_ids: tuple[str, ...]
    cause: str
    since: int
