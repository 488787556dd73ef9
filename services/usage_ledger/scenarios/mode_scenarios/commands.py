"""The commands of billing mode in a table's words, as commands of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.governance.commands import ActivatePolicy, PublishRegistry
from usage_ledger.scenarios.mode_scenarios.command_fields import Fields, require_fields
from usage_ledger.scenarios.mode_scenarios.scenario import TENANT, WORKSPACE
from usage_ledger.scenarios.reading.misfit import Misfit
from usage_ledger.scenarios.translating.asked import REASON, Asked
from usage_ledger.streams import PLATFORM
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    ChangeRuntime,
    ClearModel,
    ClearOrgDefault,
    RegisterWorkspace,
    RemoveCredentialName,
    SelectModel,
    SetOrgDefault,
)
from usage_ledger.workspaces.events import WorkspaceKind
from usage_ledger.workspaces.registry.changes import AddModels, ChangeDoesNotFit, Operation, RemoveModels, forwards
from usage_ledger.workspaces.registry.content import RegistryContent, canonical_json

FINGERPRINT: Final = f"hmac-sha256:{'0' * 64}"
"""Tables leave fingerprints out, and no rule tells one from another."""

_ABOUT: Final = {"workspace_id": WORKSPACE}
_EXPLAINED: Final = {**_ABOUT, "reason": REASON}
_OF_ORGANIZATION: Final = {"organization_id": TENANT, "reason": REASON}


class _Kind(NamedTuple):
    """A command whose fields are called as the table calls them; ``without`` them it has these."""

    type: type[msgspec.Struct]
    fields: tuple[str, ...]
    without: Mapping[str, Any]
    tenant: str = TENANT


_PLAIN: Final = {
    "SelectModel": _Kind(SelectModel, ("model", "runtime", "origin"), _ABOUT),
    "ClearModel": _Kind(ClearModel, ("runtime",), _ABOUT),
    "ChangeRuntime": _Kind(ChangeRuntime, ("runtime", "origin"), _ABOUT),
    "ChangeBillingMode": _Kind(ChangeBillingMode, ("mode", "origin"), _EXPLAINED),
    "AddCredentialName": _Kind(AddCredentialName, ("scope", "name"), {**_ABOUT, "fingerprint": FINGERPRINT}),
    "RemoveCredentialName": _Kind(RemoveCredentialName, ("scope", "name"), _ABOUT),
    "SetOrgDefault": _Kind(SetOrgDefault, ("mode", "origin"), _OF_ORGANIZATION),
    "WireProxy": _Kind(WireProxy, (), {}, PLATFORM),
    "UnwireProxy": _Kind(UnwireProxy, (), {}, PLATFORM),
    "ActivatePolicy": _Kind(ActivatePolicy, ("policy",), {"reason": REASON}, PLATFORM),
}
_CLEARED: Final = {
    "ChangeBillingMode": Asked(TENANT, ChangeBillingMode(WORKSPACE, None, REASON)),
    "SetOrgDefault": Asked(TENANT, ClearOrgDefault(TENANT, REASON)),
}
"""What ``clear=yes`` asks for."""

NAMES: Final = ("RegisterWorkspace", *_PLAIN, "PublishRegistry")


class CommandReader:
    """Reads the commands of one scenario in their order: an edit of the registry is made of the one before it."""

    def __init__(self, registry: RegistryContent) -> None:
        self._registry = registry

    def read(self, line: int, name: str, fields: Fields, kind: WorkspaceKind, *, is_accepted: bool) -> Asked:
        """``kind`` is that of a workspace that begins. Raises Misfit."""
        if name not in NAMES:
            raise Misfit(line, f"command: {name} is not known; it is one of {', '.join(NAMES)}")
        if name == "RegisterWorkspace":
            return _register(line, fields, kind)
        if name == "PublishRegistry":
            return self._publish(line, fields, is_accepted=is_accepted)
        if name in _CLEARED and "clear" in fields:
            return _cleared(line, name, fields)
        return _plain(line, _PLAIN[name], fields)

    def _publish(self, line: int, fields: Fields, *, is_accepted: bool) -> Asked:
        """A version that is refused is nobody's beginning."""
        edited = _edited(line, fields, self._registry)
        if is_accepted:
            self._registry = edited
        return published(edited)


def published(content: RegistryContent) -> Asked:
    """The content, to be in force at once."""
    return Asked(PLATFORM, PublishRegistry(content.version, canonical_json(content).decode(), REASON))


def _plain(line: int, kind: _Kind, fields: Fields) -> Asked:
    require_fields(line, fields, kind.fields)
    values = {name: value for name, (value,) in fields.items()}
    return Asked(kind.tenant, _made(line, kind.type, {**kind.without, **values}))


def _cleared(line: int, name: str, fields: Fields) -> Asked:
    require_fields(line, fields, ("clear",))
    if list(fields["clear"]) != ["yes"]:
        raise Misfit(line, f"command_fields, clear: expected yes, found {fields['clear'][0]!r}")
    return _CLEARED[name]


def _register(line: int, fields: Fields, kind: WorkspaceKind) -> Asked:
    once = ("runtime", "model", "origin")
    require_fields(line, fields, once, many=("credential",))
    credentials = [{"name": name, "fingerprint": FINGERPRINT} for name in fields.get("credential", ())]
    values = {name: fields[name][0] for name in once if name in fields}
    return Asked(TENANT, _made(line, RegisterWorkspace, {**_ABOUT, **values, "kind": kind, "credentials": credentials}))


def _edited(line: int, fields: Fields, registry: RegistryContent) -> RegistryContent:
    once = ("version", "runtime", "provider")
    require_fields(line, fields, once, many=("add_model", "remove_model"))
    for name in once:
        if name not in fields:
            raise Misfit(line, f"command_fields, {name}: is missing")
    try:
        return forwards(registry, tuple(_operations(fields)), fields["version"][0])
    except ChangeDoesNotFit as error:
        raise Misfit(line, f"command_fields: {error}") from None


def _operations(fields: Fields) -> Iterator[Operation]:
    arm = fields["runtime"][0], fields["provider"][0]
    if "remove_model" in fields:
        yield RemoveModels(*arm, tuple(fields["remove_model"]))
    if "add_model" in fields:
        yield AddModels(*arm, tuple(fields["add_model"]))


def _made(line: int, command: type[msgspec.Struct], values: Mapping[str, Any]) -> msgspec.Struct:
    try:
        return msgspec.convert(values, command)
    except msgspec.ValidationError as error:
        raise Misfit(line, f"command_fields: {error}") from None
