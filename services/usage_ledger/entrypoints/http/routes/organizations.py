"""Organizations: one mode for all of their workspaces, read by historical policies only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from usage_ledger.entrypoints.http.writes import Write
from usage_ledger.workspaces.commands import ClearOrgDefault, Origin, SetOrgDefault, Text
from usage_ledger.workspaces.organization_default import OrgDefaultAnswer


class OrgDefaultBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``mode`` null clears the default; an absent one is refused."""

    mode: Text | msgspec.UnsetType | None = msgspec.UNSET
    reason: Text = ""
    origin: Origin | None = None
    expected_version: int | None = None


def _command(body: OrgDefaultBody, path_ids: Mapping[str, str]) -> SetOrgDefault | ClearOrgDefault:
    organization_id = path_ids["organization_id"]
    if body.mode is None:
        return ClearOrgDefault(organization_id, body.reason, body.expected_version)
    mode = "" if body.mode is msgspec.UNSET else body.mode
    return SetOrgDefault(organization_id, mode, body.reason, body.origin, body.expected_version)


WRITES: Final = (
    Write(
        "PUT",
        "/v1/organizations/{organization_id}/billing-mode-default",
        "Set or clear the mode of all workspaces of an organization",
        (SetOrgDefault, ClearOrgDefault),
        OrgDefaultBody,
        _command,
        OrgDefaultAnswer,
        200,
        ("invalid_billing_mode", "missing_reason", "version_conflict"),
    ),
)
