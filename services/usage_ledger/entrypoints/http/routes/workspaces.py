"""Workspaces: register one, choose its runtime, its model and its billing mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.credential_bodies import without_values
from usage_ledger.entrypoints.http.route import write_route
from usage_ledger.entrypoints.http.writes import Write, handler_of
from usage_ledger.workspaces.answer import WorkspaceAnswer
from usage_ledger.workspaces.commands import (
    ChangeBillingMode,
    ChangeRuntime,
    ClearModel,
    ModelText,
    NameOrBlank,
    RegisterWorkspace,
    SelectModel,
)
from usage_ledger.workspaces.events import ModelOrigin

_GUARD_REFUSALS: Final = ("reserved_credential_name", "vendor_key_refused", "platform_model_blocks_vendor_key")
_REGISTRY_REFUSALS: Final = ("runtime_unsupported", "unregistered_model_for_runtime", "ambiguous_model")


class ModelBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``model`` null leaves the workspace without one. A ``runtime`` changes with it; null is none."""

    model: ModelText | None
    origin: ModelOrigin | None = None
    expected_version: Annotated[int, msgspec.Meta(ge=0)] | None = None
    runtime: NameOrBlank | msgspec.UnsetType | None = msgspec.UNSET


def model_command(body: ModelBody, path_ids: Mapping[str, str]) -> SelectModel | ClearModel:
    workspace_id = path_ids["workspace_id"]
    runtime = None if body.runtime is msgspec.UNSET else body.runtime or ""
    if body.model is None:
        return ClearModel(workspace_id, body.expected_version, runtime)
    return SelectModel(workspace_id, body.model, body.origin, body.expected_version, runtime)


REGISTER: Final = Write(
    "POST",
    "/v1/workspaces",
    "Register a workspace",
    (RegisterWorkspace,),
    body_of(RegisterWorkspace),
    command_from_body(RegisterWorkspace),
    WorkspaceAnswer,
    201,
    (
        *("workspace_exists", "account_not_found", "missing_fingerprint", "credential_value_not_accepted"),
        *("model_required", *_REGISTRY_REFUSALS, *_GUARD_REFUSALS),
        *("byok_on_platform_model", "missing_byok_credential"),
    ),
)

WRITES: Final = (
    Write(
        "PUT",
        "/v1/workspaces/{workspace_id}/model",
        "Select or clear the model, and with it the runtime",
        (SelectModel, ClearModel),
        ModelBody,
        model_command,
        WorkspaceAnswer,
        200,
        (
            *("workspace_not_found", "version_conflict", *_REGISTRY_REFUSALS),
            *("model_already_selected", "model_unreadable", "missing_platform_proxy"),
        ),
    ),
    Write(
        "PUT",
        "/v1/workspaces/{workspace_id}/runtime",
        "Run the workspace on another runtime, or on none",
        (ChangeRuntime,),
        body_of(ChangeRuntime, without=("workspace_id",)),
        command_from_body(ChangeRuntime),
        WorkspaceAnswer,
        200,
        ("workspace_not_found", "version_conflict", *_REGISTRY_REFUSALS),
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

ROUTES: Final = (
    write_route(REGISTER, "workspaces", without_values(handler_of(REGISTER))),
    *(write_route(write, "workspaces") for write in WRITES),
)
