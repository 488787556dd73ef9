"""Who pays for a workspace, on the wire: amounts as decimal text, times as RFC 3339 text."""

from __future__ import annotations

import msgspec

from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros_or_none
from usage_ledger.entrypoints.http.view_reading import reflected
from usage_ledger.money import format_amount
from usage_ledger_views.workspace_billing.queries import Workspace, WorkspaceBilling
from usage_ledger_views.workspace_billing.states import WorkspaceInState


class Candidate(msgspec.Struct, frozen=True):
    """An account that may pay, and why."""

    account_id: str
    reason: str


class RunOfWorkspace(msgspec.Struct, frozen=True):
    """The run that was decided last, and what it was decided to be."""

    run_id: str
    mode: str
    provider: str | None


class WorkspaceBillingAnswer(msgspec.Struct, frozen=True):
    """Who pays for a workspace and what it used. Spend is in the payer's currency, by day of occurred_at in UTC.

    ``warnings`` are the named states (billing-mode 8), then what usage and payer give reason for; ``faults`` what was
    wrong with the inputs (billing-mode 3). ``version`` is the workspace stream's.
    """

    workspace_id: str
    version: int
    organization_id: str | None
    mode: str | None
    source: str | None
    workspace_override: str | None
    provider: str | None
    policy: str | None
    registry: str | None
    run: RunOfWorkspace | None
    payer: str | None
    payer_reason: str | None
    candidates: list[Candidate]
    model: str | None
    runtime: str | None
    currency: str | None
    spend_today: str
    spend_month: str
    requests: int
    tokens: dict[str, int]
    last_usage_at: str | None
    warnings: tuple[str, ...]
    faults: list[str]
    as_of: AsOfAnswer
    incomplete: bool


def workspace_billing_answer(billing: WorkspaceBilling) -> WorkspaceBillingAnswer:
    workspace = billing.workspace
    return WorkspaceBillingAnswer(
        workspace_id=workspace.workspace_id,
        version=workspace.version,
        organization_id=workspace.organization_id,
        mode=workspace.mode,
        source=workspace.source,
        workspace_override=workspace.override,
        provider=workspace.provider,
        policy=workspace.policy,
        registry=workspace.registry_version,
        run=run_of(workspace),
        payer=workspace.payer,
        payer_reason=billing.payer_reason,
        candidates=[Candidate(workspace.payer, billing.payer_reason)]
        if workspace.payer and billing.payer_reason
        else [],
        model=workspace.model,
        runtime=workspace.runtime,
        currency=workspace.currency,
        spend_today=format_amount(billing.spend_today),
        spend_month=format_amount(billing.spend_month),
        requests=billing.requests,
        tokens={name: count for name, count in billing.quantities.items() if name.endswith("_tokens")},
        last_usage_at=format_micros_or_none(billing.last_usage_at),
        warnings=billing.warnings,
        faults=workspace.faults,
        as_of=reflected(billing.as_of),
        incomplete=billing.incomplete,
    )


def run_of(workspace: Workspace | WorkspaceInState) -> RunOfWorkspace | None:
    """None where no run was decided yet."""
    if workspace.run_id is None or workspace.run_mode is None:
        return None
    return RunOfWorkspace(workspace.run_id, workspace.run_mode, workspace.run_provider)
