"""Workspaces: register one, choose its model and its billing mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write
from usage_ledger.workspaces.answer import WorkspaceAnswer
from usage_ledger.workspaces.commands import (
    ChangeBillingMode,
    ClearModel,
    ModelText,
    RegisterWorkspace,
    SelectModel,
)
from usage_ledger.workspaces.events import ModelOrigin


class ModelBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``model`` null leaves the workspace without one."""

    model: ModelText | None
    origin: ModelOrigin | None = None
    expected_version: Annotated[int, msgspec.Meta(ge=0)] | None = None


def model_command(body: ModelBody, path_ids: Mapping[str, str]) -> SelectModel | ClearModel:
    workspace_id = path_ids["workspace_id"]
    if body.model is None:
        return ClearModel(workspace_id, body.expected_version)
    return SelectModel(workspace_id, body.model, body.origin, body.expected_version)


WRITES: Final = (
    Write(
        "POST",
        "/v1/workspaces",
        "Register a workspace",
        (RegisterWorkspace,),
        body_of(RegisterWorkspace),
        command_from_body(RegisterWorkspace),
        WorkspaceAnswer,
        201,
        ("workspace_exists", "account_not_found"),
    ),
    Write(
        "PUT",
        "/v1/workspaces/{workspace_id}/model",
        "Select or clear the model",
        (SelectModel, ClearModel),
        ModelBody,
        model_command,
        WorkspaceAnswer,
        200,
        ("workspace_not_found", "version_conflict", "model_already_selected"),
    ),
    Write(
        "PUT",
        "/v1/workspaces/{workspace_id}/billing-mode",
        "Choose who pays, or clear the choice",
        (ChangeBillingMode,),
        body_of(ChangeBillingMode, without=("workspace_id",)),
        command_from_body(ChangeBillingMode),
        WorkspaceAnswer,
        200,
        ("workspace_not_found", "version_conflict", "invalid_billing_mode", "missing_reason"),
    ),
)
