"""What tests say of every call of the API: the scope it needs, requests that work, requests that are wrong.

One row a call. A call that the OpenAPI document has and this table has not fails the tests that go by it, so a new
route is not forgotten. The expectations stand here on their own; they are not taken from the door's tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from http_door.usage import item
from usage_ledger.adapters.packaged_registry import packaged_content

Operation = tuple[str, str]
"""Method and path as the document has them."""

IDS = {
    "account_id": "main",
    "dividend_id": "declared",
    "workspace_id": "ws",
    "organization_id": "{organization_id}",
    "attempt_id": "a1",
    "source": "gateway",
    "command_id": "c1",
    "key_id": "{key_id}",
    "item": "waiting",
    "version": "{version}",
    "month": "2021-02",
    "dispute_id": "d1",
    "hold_id": "held",
    "beneficiary": "indebted",
    "capability": "chat",
    "run_id": "r1",
    "name": "DATABASE_URL",
}
"""What the paths of the tests' own tenant are filled with; what stands in braces is known when the test runs."""


class Call(NamedTuple):
    """``scope`` None: any key will do, ``public``: none is needed.

    ``body`` and ``query`` make it work for the tests' tenant, with the success ``status``; ``wrong`` is a body, or a
    query for reads, that is refused with 422; None where there is nothing that could be wrong.
    ``of_others`` is what a stranger with the right scope is told: 404, or an answer with nothing in it.
    ``ids`` are those of the path where the usual ones would not do.
    """

    scope: str | None
    status: int = 200
    body: Any = None
    query: Mapping[str, str] = {}
    wrong: Any = None
    of_others: int | None = 404
    ids: Mapping[str, str] = {}


PUBLIC = "public"
PRICE = {
    "version": "v1",
    "model": "operations-model",
    "list": "sell",
    "currency": "USD",
    "price": {"per_million": {"input": "3", "output": "15"}},
    "reason": "test",
}
ENTRY = [
    {"account_code": 1000, "side": "debit", "amount": "1.00"},
    {"account_code": 3000, "side": "credit", "amount": "1.00"},
]
CREDENTIAL = {"name": "DATABASE_URL", "fingerprint": f"hmac-sha256:{'3f1c' * 16}"}
PAGED = {"limit": "many"}
# For later: what is in force now is shared by all tests of the door.
LATER = (datetime.now(UTC) + timedelta(days=3_000)).isoformat()
REGISTRY = {
    "version": "operations",
    "content": msgspec.to_builtins(msgspec.structs.replace(packaged_content(), version="operations")),
    "effective_from": LATER,
    "reason": "test",
}

CALLS: dict[Operation, Call] = {
    ("POST", "/v1/usage"): Call("usage", 200, item(id="a2"), wrong={"id": 7}, of_others=None),
    ("POST", "/v1/usage/{attempt_id}/corrections"): Call(
        "usage", 201, {"usage": {"input_tokens": 1}, "reason": "r"}, wrong={"void": "yes", "reason": "r"}
    ),
    ("POST", "/v1/usage/rerate"): Call(
        "money",
        200,
        {"account_id": "main", "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "dry_run": True},
        wrong={"account_id": "main", "from": "2026-01-01T00:00:00Z"},
    ),
    ("POST", "/v1/accounts"): Call(
        "money", 201, {"account_id": "new", "owner_kind": "org", "currency": "USD"}, wrong={}, of_others=None
    ),
    ("POST", "/v1/accounts/{account_id}/grants"): Call(
        "money", 201, {"amount": "1.00", "kind": "promo", "reason": "r"}, wrong={"amount": 1.5}
    ),
    ("POST", "/v1/accounts/{account_id}/purchases"): Call(
        "money", 201, {"amount": "1.00", "payment_ref": "p9"}, wrong={"amount": "1.00"}
    ),
    ("POST", "/v1/accounts/{account_id}/allowances"): Call(
        "money",
        201,
        {"plan": "team", "period": "2999-01", "amount": "1.00", "rollover": "none"},
        wrong={"plan": "team", "period": "January", "amount": "1.00", "rollover": "none"},
    ),
    ("POST", "/v1/accounts/{account_id}/payment-failures"): Call(
        "money", 201, {"payment_ref": "p9"}, wrong={"payment_ref": ""}
    ),
    ("POST", "/v1/accounts/{account_id}/journal"): Call(
        "money", 201, {"lines": ENTRY, "reason": "r"}, wrong={"lines": ENTRY}
    ),
    ("PUT", "/v1/accounts/{account_id}/status"): Call(
        "money", 200, {"status": "suspended", "reason": "r"}, wrong={"status": "open"}
    ),
    ("POST", "/v1/dividends"): Call(
        "money",
        201,
        {"dividend_id": "new", "pool": "1.00", "recipients": ["main"]},
        wrong={"dividend_id": "new", "pool": "1.00", "recipients": []},
    ),
    ("POST", "/v1/dividends/{dividend_id}/pay"): Call("money", 201, {}, wrong={"recipients_max": 0}),
    ("POST", "/v1/accounts/{account_id}/fees"): Call(
        "money", 201, {"fee": "other", "period": "2026-03", "amount": "1.00"}, wrong={"fee": "toll"}
    ),
    ("POST", "/v1/accounts/{account_id}/refunds"): Call(
        "money",
        201,
        {"payment_ref": "pay-1", "refund_id": "r1", "amount": "1.00", "reason": "r"},
        wrong={"payment_ref": "pay-1"},
    ),
    ("POST", "/v1/accounts/{account_id}/disputes"): Call(
        "money", 201, {"dispute_id": "d2", "payment_ref": "pay-1"}, wrong={"dispute_id": "a/b", "payment_ref": "p"}
    ),
    ("POST", "/v1/disputes/{dispute_id}/close"): Call("money", 201, {"outcome": "won"}, wrong={"outcome": "drawn"}),
    ("POST", "/v1/transfers"): Call(
        "money",
        201,
        {"transfer_id": "t1", "from": "main", "to": "indebted", "amount": "1.00"},
        wrong={"transfer_id": "t1", "from": "main", "to": "main", "amount": "1.00"},
    ),
    ("POST", "/v1/accounts/{account_id}/adjustments"): Call(
        "money", 201, {"amount": "-1.00", "reason": "r", "approver": "op-1"}, wrong={"amount": "-1.00"}
    ),
    ("POST", "/v1/accounts/{account_id}/write-offs"): Call(
        "money",
        201,
        {"amount": "1.00", "reason": "r", "approver": "op-1"},
        wrong={"amount": 1, "reason": "r", "approver": "op-1"},
        ids={"account_id": "indebted"},
    ),
    ("PUT", "/v1/accounts/{account_id}/limits"): Call(
        "money",
        200,
        {"budgets": [{"budget_id": "d", "limit": "5.00", "window": "day"}], "overdraft_limit": "1.00"},
        wrong={"budgets": [{"budget_id": "d", "limit": 5, "window": "day"}]},
    ),
    ("PUT", "/v1/accounts/{account_id}/auto-topup"): Call(
        "money", 200, {"threshold": "1.00", "amount": "5.00"}, wrong={"threshold": "1.00", "amount": "five"}
    ),
    ("POST", "/v1/accounts/{account_id}/auto-topup/complete"): Call(
        "money", 200, {"topup_id": "topup/low/1"}, wrong={"topup_id": ""}, ids={"account_id": "low"}
    ),
    ("POST", "/v1/accounts/{account_id}/auto-topup/fail"): Call(
        "money", 200, {"topup_id": "topup/low/1"}, wrong={"topup_id": 1}, ids={"account_id": "low"}
    ),
    ("PUT", "/v1/accounts/{account_id}/bill-to/{beneficiary}"): Call("money", 200, {"cap": "1.00"}, wrong={"cap": 1}),
    ("DELETE", "/v1/accounts/{account_id}/bill-to/{beneficiary}"): Call("money", 200, {}, wrong={"cap": "1.00"}),
    ("PUT", "/v1/accounts/{account_id}/rate-limits/{capability}"): Call(
        "money", 200, {"limit": 3, "per_seconds": 60}, wrong={"limit": 0, "per_seconds": 60}
    ),
    ("POST", "/v1/accounts/{account_id}/holds"): Call(
        "holds", 201, {"hold_id": "new", "workspace_id": "ws", "amount": "0.10"}, wrong={"hold_id": "new"}
    ),
    ("POST", "/v1/holds/{hold_id}/settle"): Call("holds", 200, {"amount": "0.05"}, wrong={}),
    ("POST", "/v1/holds/{hold_id}/release"): Call("holds", 200, {}, wrong={"reason": 7}),
    ("GET", "/v1/accounts/{account_id}/balance"): Call("read", wrong={"as_of": "yesterday"}),
    ("GET", "/v1/accounts/{account_id}/entries"): Call("read", wrong=PAGED),
    ("GET", "/v1/accounts/{account_id}/statement"): Call("read", wrong=PAGED),
    ("POST", "/v1/workspaces"): Call(
        "workspaces", 201, {"workspace_id": "new", "account_id": "main"}, wrong={"workspace_id": "a/b"}
    ),
    ("PUT", "/v1/workspaces/{workspace_id}/model"): Call("workspaces", 200, {"model": "m"}, wrong={"model": 7}),
    ("PUT", "/v1/workspaces/{workspace_id}/runtime"): Call(
        "workspaces", 200, {"runtime": "hermes"}, wrong={"runtime": 7}
    ),
    ("POST", "/v1/workspaces/{workspace_id}/credentials"): Call(
        "workspaces", 201, {**CREDENTIAL, "scope": "tenant"}, wrong={"name": "DATABASE_URL"}
    ),
    ("DELETE", "/v1/workspaces/{workspace_id}/credentials/{name}"): Call("workspaces", 200, {}, wrong={"all": True}),
    ("PUT", "/v1/organizations/{organization_id}/billing-mode-default"): Call(
        "workspaces", 200, {"mode": "byok", "reason": "r"}, wrong={"mode": "BYO", "reason": "r"}, of_others=None
    ),
    ("PUT", "/v1/workspaces/{workspace_id}/billing-mode"): Call(
        "workspaces", 200, {"mode": "byok", "reason": "r"}, wrong={"mode": "byok"}
    ),
    ("POST", "/v1/what-if/billing-mode"): Call("read", 200, {"policy": "P5"}, wrong={"policy": 5}, of_others=200),
    ("GET", "/v1/runs/{run_id}"): Call("read", wrong={"wait_for": "soon"}),
    ("POST", "/v1/workspaces/{workspace_id}/runs"): Call("workspaces", 201, {"run_id": "r9"}, wrong={"run_id": "a/b"}),
    ("GET", "/v1/workspaces/{workspace_id}/billing-mode"): Call("read", wrong={"as_of": "yesterday"}),
    ("GET", "/v1/workspaces/{workspace_id}/billing-mode/why"): Call("read", wrong={"wait_for": "soon"}),
    ("GET", "/v1/workspaces/{workspace_id}/billing"): Call("read", wrong={"wait_for": "soon"}),
    ("GET", "/v1/workspaces/{workspace_id}/billing-mode/history"): Call("read", wrong={"from": "yesterday"}),
    ("GET", "/v1/organizations/{organization_id}/billing-mode/history"): Call("read", wrong=PAGED),
    ("GET", "/v1/runs"): Call("read", wrong={"workspace_id": "a/b"}, of_others=200),
    ("GET", "/v1/billing-mode/rejected-key-writes"): Call("read", wrong={"policy": "P9"}, of_others=200),
    ("GET", "/v1/billing-mode/stale-overrides"): Call("read", wrong=PAGED, of_others=200),
    ("GET", "/v1/billing-mode/keys-beside-platform-models"): Call("read", wrong=PAGED, of_others=200),
    ("GET", "/v1/billing-mode/unsatisfiable"): Call("read", wrong=PAGED, of_others=200),
    ("GET", "/v1/billing-mode/mismatches"): Call("read", wrong={"kind": "gift"}, of_others=200),
    ("GET", "/v1/billing-mode/fallbacks"): Call("read", wrong={"to": "soon"}, of_others=200),
    ("PUT", "/v1/deployment/proxy"): Call("admin", 200, {"wired": True}, wrong={"wired": "yes"}, of_others=None),
    ("POST", "/v1/registries"): Call("admin", 201, REGISTRY, wrong={**REGISTRY, "content": {}}, of_others=None),
    ("GET", "/v1/registries"): Call("admin", wrong=PAGED, of_others=None),
    ("GET", "/v1/registries/{version}"): Call(
        "admin", wrong={"unknown": "1"}, of_others=None, ids={"version": "operations"}
    ),
    ("POST", "/v1/policies"): Call(
        "admin",
        201,
        {"policy": "P3", "scope": {"workspace_id": "ws"}, "effective_from": LATER, "reason": "r"},
        wrong={"policy": "P0", "reason": "r"},
    ),
    ("GET", "/v1/policies"): Call("admin", wrong=PAGED, of_others=None),
    ("POST", "/v1/prices"): Call("admin", 201, PRICE, wrong={**PRICE, "price": 3}, of_others=None),
    ("POST", "/v1/prices/imports"): Call(
        "admin",
        201,
        {"source_name": "litellm", "model": "operations-model", "per_million": {"input": "3"}},
        wrong={"source_name": "hearsay", "model": "operations-model", "per_million": {"input": "3"}},
        of_others=None,
    ),
    ("POST", "/v1/prices/{version}/withdraw"): Call("admin", 200, {"reason": "r"}, wrong={}, of_others=None),
    ("POST", "/v1/models/aliases"): Call(
        "admin", 200, {"alias": "operations-alias", "model": "operations-model"}, wrong={"alias": "m"}, of_others=None
    ),
    ("POST", "/v1/months/{month}/close"): Call("admin", 200, {}, wrong={"month": "2026-05"}, of_others=None),
    ("PUT", "/v1/pricing-policies"): Call(
        "admin", 200, {"account_id": "main", "unpriced": "allow"}, wrong={"unpriced": "perhaps"}, of_others=404
    ),
    ("POST", "/v1/keys"): Call(
        "admin", 201, {"scopes": ["read"], "source": "s", "account_id": "main"}, wrong={"scopes": [], "source": "s"}
    ),
    ("POST", "/v1/keys/{key_id}/rotate"): Call("admin", 201, {}, wrong={"old_valid_until": 1}),
    ("POST", "/v1/keys/{key_id}/revoke"): Call("admin", 200, {}, wrong={"reason": ""}),
    ("POST", "/v1/quarantine/{item}/assign"): Call(
        "admin", 200, {"account_id": "main", "reason": "r"}, wrong={"reason": "r"}
    ),
    ("POST", "/v1/quarantine/{item}/discard"): Call("admin", 200, {"reason": "r"}, wrong={}),
    ("GET", "/v1/usage/summary"): Call("read", wrong=PAGED, of_others=200),
    ("GET", "/v1/usage/{attempt_id}"): Call("read", wrong={"unknown": "1"}),
    # Its own source's commands any key may look up; of another source, as in these tests, only one with `read`.
    ("GET", "/v1/commands/{source}/{command_id}"): Call("read", wrong={"unknown": "1"}),
    ("GET", "/v1/trial-balance"): Call("read", wrong={"as_of": "yesterday"}, of_others=200),
    ("GET", "/v1/reconciliation"): Call("read", wrong=PAGED, of_others=200),
    ("GET", "/v1/holds"): Call("read", wrong={"state": "lost"}, of_others=200),
    ("GET", "/v1/holds/{hold_id}"): Call("read", wrong={"wait_for": "soon"}),
    ("GET", "/v1/member-usage"): Call("read", wrong={"from": "yesterday"}, of_others=200),
    ("GET", "/v1/accounts/{account_id}/lifetime-spend"): Call("read", wrong={"wait_for": "soon"}),
    ("GET", "/v1/accounts/{account_id}/budgets"): Call("read", wrong=PAGED),
    ("GET", "/v1/accounts/{account_id}/alerts"): Call("read", wrong=PAGED),
    ("GET", "/v1/accounts/{account_id}/auto-topup"): Call(
        "read", wrong={"wait_for": "soon"}, ids={"account_id": "low"}
    ),
    ("GET", "/v1/suspense"): Call("read", wrong=PAGED, of_others=200),
    ("GET", "/v1/quarantine"): Call("read", wrong={"disposition": "lost"}, of_others=200),
    ("GET", "/v1/conflicts"): Call("read", wrong={"workspace_id": "a/b"}, of_others=200),
    ("GET", "/v1/refusals"): Call("read", wrong=PAGED, of_others=200),
    ("GET", "/v1/blocked-streams"): Call("admin", wrong=PAGED, of_others=200),
    ("GET", "/v1/dead-letters"): Call("admin", wrong=PAGED, of_others=None),
    ("GET", "/healthz"): Call(PUBLIC, of_others=None),
    ("GET", "/readyz"): Call(PUBLIC, of_others=None),
    ("GET", "/metrics"): Call(PUBLIC, of_others=None),
    ("GET", "/openapi.json"): Call(PUBLIC, of_others=None),
}


def path_of(operation: Operation, **ids: str) -> str:
    """The path with ids of the tests' tenant, or with these."""
    return operation[1].format(**{**IDS, **ids, **CALLS[operation].ids})
