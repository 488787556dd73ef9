"""Every call of the API. What is not here is a 404, and what is here is in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from usage_ledger.entrypoints.http.attempt_source import SOURCE_QUERY
from usage_ledger.entrypoints.http.route import (
    READ_REFUSALS,
    WRITE_REFUSALS,
    Handle,
    Route,
    write_route,
)
from usage_ledger.entrypoints.http.routes import (
    account_status,
    accounts,
    alerts,
    auto_topup,
    bill_to,
    billing_mode,
    billing_mode_why,
    budgets,
    charge_mismatches,
    conflicts,
    corrections,
    credentials,
    deployment,
    governance,
    governance_lists,
    granted_credit,
    hold_list,
    holds,
    keys,
    lifetime_spend,
    limits,
    member_usage,
    mode_history,
    money_movements,
    operations,
    organizations,
    prices,
    quarantine,
    quarantined,
    rate_limits,
    reconciliation,
    refusals,
    rejected_key_writes,
    run_decision,
    run_list,
    runs,
    suspense,
    what_if,
    workspaces,
    workspaces_of_concern,
)
from usage_ledger.entrypoints.http.routes.balances import (
    BALANCE_QUERY,
    ENTRIES_QUERY,
    STATEMENT_QUERY,
    balance,
    entries,
    statement,
)
from usage_ledger.entrypoints.http.routes.blocked_streams import QUERY as BLOCKED_STREAMS_QUERY
from usage_ledger.entrypoints.http.routes.blocked_streams import BlockedStreamsAnswer, blocked_streams
from usage_ledger.entrypoints.http.routes.commands import PATH as COMMAND_PATH
from usage_ledger.entrypoints.http.routes.commands import CommandAnswer, command
from usage_ledger.entrypoints.http.routes.dead_letters import QUERY as DEAD_LETTERS_QUERY
from usage_ledger.entrypoints.http.routes.dead_letters import DeadLettersAnswer, dead_letters
from usage_ledger.entrypoints.http.routes.trial_balance import QUERY as TRIAL_BALANCE_QUERY
from usage_ledger.entrypoints.http.routes.trial_balance import TrialBalanceAnswer, trial_balance
from usage_ledger.entrypoints.http.routes.usage import PATH as USAGE_PATH
from usage_ledger.entrypoints.http.routes.usage import record_usage
from usage_ledger.entrypoints.http.routes.usage_line import QUERY as USAGE_LINE_QUERY
from usage_ledger.entrypoints.http.routes.usage_line import usage_line
from usage_ledger.entrypoints.http.routes.usage_summary import QUERY as SUMMARY_QUERY
from usage_ledger.entrypoints.http.routes.usage_summary import SummaryAnswer, usage_summary
from usage_ledger.entrypoints.http.routes.workspace_billing import QUERY as WORKSPACE_BILLING_QUERY
from usage_ledger.entrypoints.http.routes.workspace_billing import workspace_billing
from usage_ledger.entrypoints.http.usage_line import DiscardedUsage, UsageLine, WaitingUsage
from usage_ledger.entrypoints.http.usage_request import UsageBatch
from usage_ledger.entrypoints.http.view_answers import (
    BalanceAnswer,
    EntriesAnswer,
    StatementAnswer,
)
from usage_ledger.entrypoints.http.workspace_billing_answer import WorkspaceBillingAnswer
from usage_ledger.usage.answer import UsageAnswer

_USAGE: Final = Route(
    method="POST",
    path=USAGE_PATH,
    name="RecordUsage",
    tag="usage",
    summary="Record what attempts consumed",
    handle=record_usage,
    answers=(UsageAnswer,),
    refusals=(*WRITE_REFUSALS, "too_many_items", "item_refused", "missing_reason"),
    body=UsageBatch,
    idempotency_key="optional",
    tells_credits=True,
    is_hot=True,
)

_READS: Final = (
    Route(
        method="GET",
        path="/v1/accounts/{account_id}/balance",
        name="GetBalance",
        tag="accounts",
        summary="What an account has, now or as of then",
        handle=balance,
        answers=(BalanceAnswer,),
        refusals=(*READ_REFUSALS, "account_not_found", "wrong_shard"),
        query=BALANCE_QUERY,
    ),
    Route(
        method="GET",
        path="/v1/accounts/{account_id}/entries",
        name="ListEntries",
        tag="accounts",
        summary="Journal entries, newest first",
        handle=entries,
        answers=(EntriesAnswer,),
        refusals=(*READ_REFUSALS, "account_not_found", "wrong_shard"),
        query=ENTRIES_QUERY,
    ),
    Route(
        method="GET",
        path="/v1/accounts/{account_id}/statement",
        name="GetStatement",
        tag="accounts",
        summary="What moved a balance within a period",
        handle=statement,
        answers=(StatementAnswer,),
        refusals=(*READ_REFUSALS, "account_not_found", "wrong_shard"),
        query=STATEMENT_QUERY,
    ),
    Route(
        method="GET",
        path="/v1/workspaces/{workspace_id}/billing",
        name="GetWorkspaceBilling",
        tag="workspaces",
        summary="Who pays, what was spent and used",
        handle=workspace_billing,
        answers=(WorkspaceBillingAnswer,),
        refusals=(*READ_REFUSALS, "workspace_not_found", "wrong_shard"),
        query=WORKSPACE_BILLING_QUERY,
    ),
    # Before the route of one usage, whose path would match as well.
    Route(
        method="GET",
        path="/v1/usage/summary",
        name="SummarizeUsage",
        tag="usage",
        summary="Totals of usage",
        handle=usage_summary,
        answers=(SummaryAnswer,),
        refusals=(*READ_REFUSALS, "wrong_shard"),
        query=SUMMARY_QUERY,
    ),
    Route(
        method="GET",
        path="/v1/usage/{attempt_id}",
        name="GetUsage",
        tag="usage",
        summary="One attempt with its full explanation",
        handle=usage_line,
        answers=(UsageLine, WaitingUsage, DiscardedUsage),
        refusals=(*READ_REFUSALS, "attempt_not_found", "ambiguous_usage_id"),
        query=USAGE_LINE_QUERY,
    ),
    Route(
        method="GET",
        path=COMMAND_PATH,
        name="GetCommand",
        tag="commands",
        summary="What became of a command",
        handle=command,
        answers=(CommandAnswer,),
        refusals=(*READ_REFUSALS, "command_not_found"),
    ),
    Route(
        method="GET",
        path="/v1/trial-balance",
        name="GetTrialBalance",
        tag="accounts",
        summary="Debits and credits by currency and code, now or as of then",
        handle=trial_balance,
        answers=(TrialBalanceAnswer,),
        refusals=(*READ_REFUSALS, "wrong_shard"),
        query=TRIAL_BALANCE_QUERY,
    ),
    Route(
        method="GET",
        path="/v1/blocked-streams",
        name="ListBlockedStreams",
        tag="operations",
        summary="Streams that the views do not go on with until they are repaired, oldest first",
        handle=blocked_streams,
        answers=(BlockedStreamsAnswer,),
        refusals=READ_REFUSALS,
        query=BLOCKED_STREAMS_QUERY,
    ),
    Route(
        method="GET",
        path="/v1/dead-letters",
        name="ListDeadLetters",
        tag="operations",
        summary="Records of commands that could not be taken, newest first",
        handle=dead_letters,
        answers=(DeadLettersAnswer,),
        refusals=READ_REFUSALS,
        query=DEAD_LETTERS_QUERY,
    ),
)


def _operation(path: str, name: str, summary: str, handle: Handle, *answers: type[Any]) -> Route:
    return Route("GET", path, name, "operations", summary, handle, answers, (), needs_key=False)


_OPERATIONS: Final = (
    _operation("/healthz", "GetHealth", "Alive", operations.healthz, operations.Health),
    _operation("/readyz", "GetReadiness", "Ready to serve", operations.readyz, operations.Readiness)._replace(
        other_status=(503, "Not ready.")
    ),
    _operation("/metrics", "GetMetrics", "Metrics for Prometheus", operations.metrics),
    _operation("/openapi.json", "GetOpenApi", "This document", operations.openapi),
)

ROUTES: Final = (
    _USAGE,
    *(write_route(write, "accounts") for write in accounts.WRITES),
    *(write_route(write, "accounts") for write in account_status.WRITES),
    *(write_route(write, "accounts") for write in granted_credit.WRITES),
    *(write_route(write, "accounts") for write in money_movements.WRITES),
    *(write_route(write, "accounts") for write in limits.WRITES),
    *(write_route(write, "accounts") for write in (*bill_to.WRITES, *rate_limits.WRITES)),
    write_route(holds.PLACE, "holds", holds.place)._replace(is_hot=True),
    write_route(holds.SETTLE, "holds", holds.settle)._replace(is_hot=True),
    write_route(holds.RELEASE, "holds", holds.release)._replace(is_hot=True),
    write_route(corrections.CORRECT, "usage", corrections.correct)._replace(query=(SOURCE_QUERY,)),
    write_route(corrections.RERATE, "usage"),
    *workspaces.ROUTES,
    *credentials.ROUTES,
    *(write_route(write, "organizations") for write in organizations.WRITES),
    write_route(runs.DECIDE, "workspaces", runs.decide),
    *(write_route(write, "deployment") for write in deployment.WRITES),
    *(write_route(write, "governance") for write in governance.WRITES),
    *(write_route(write, "prices") for write in prices.WRITES),
    *(
        write_route(write, "quarantine", quarantine.decide(write))._replace(query=(SOURCE_QUERY,))
        for write in quarantine.WRITES
    ),
    write_route(keys.ISSUE, "keys", keys.issue_key),
    write_route(keys.ROTATE, "keys", keys.rotate_key),
    write_route(keys.REVOKE, "keys", keys.revoke_key),
    *_READS,
    billing_mode.ROUTE,
    billing_mode_why.ROUTE,
    run_decision.ROUTE,
    what_if.ROUTE,
    reconciliation.ROUTE,
    *hold_list.ROUTES,
    *mode_history.ROUTES,
    *run_list.ROUTES,
    rejected_key_writes.ROUTE,
    charge_mismatches.ROUTE,
    *workspaces_of_concern.ROUTES,
    member_usage.ROUTE,
    lifetime_spend.ROUTE,
    budgets.ROUTE,
    alerts.ROUTE,
    auto_topup.ROUTE,
    suspense.ROUTE,
    quarantined.ROUTE,
    conflicts.ROUTE,
    refusals.ROUTE,
    *governance_lists.ROUTES,
    *_OPERATIONS,
)
