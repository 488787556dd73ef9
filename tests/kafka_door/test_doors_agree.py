"""Every command but those for keys has the same effect over Kafka as over HTTP: same events, answers and codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec
import pytest
from psycopg import Connection

from http_door.client import Api
from kafka_door.gateway import Gateway, micros
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.entrypoints.kafka_door.payload import ACCEPTED, accepted_commands
from usage_ledger.handlers import HANDLERS
from usage_ledger.keys import commands as key_commands
from usage_ledger_schemas import codec

SOURCE = "gateway"

DAY = 86_400_000_000

# What says where and when an event was recorded, by whom and from which request: it differs between any two.
INCIDENTAL = {"event_id", "recorded_at", "occurred_at", "tenant", "actor", "request_hash", "correlation_id"}
INCIDENTAL |= {"command_id", "facts_position"}

PLACES = {"position", "known_at"}
"""Where in its shard a line was before, and what of the facts was known: two tenants do not stand at one place."""


@cache
def occurred_at() -> datetime:
    """When all usage of these tests occurred: asked first when they run, as collecting them may be minutes earlier."""
    return datetime.now(UTC).replace(microsecond=250_000)


class Step(NamedTuple):
    """One command in both forms."""

    command: str
    record: dict[str, Any]
    method: str
    path: str
    body: dict[str, Any]


def usage(*items: dict[str, Any], atomic: bool = False) -> Step:
    return Step(
        "RecordUsage",
        {"items": [{**item, "occurred_at": micros(occurred_at())} for item in items], "atomic": atomic},
        "POST",
        "/v1/usage",
        {"items": [{**item, "occurred_at": occurred_at().isoformat()} for item in items], "atomic": atomic},
    )


def item(attempt: str, **fields: Any) -> dict[str, Any]:
    counts = {"input_tokens": 1_000, "output_tokens": 200}
    return {"id": attempt, "workspace_id": "ws", "model": "no/price", "usage": counts, **fields}


def settled(sent: dict[str, Any]) -> Step:
    return Step(
        "SettleHold",
        {"hold_id": "h1", "item": {**sent, "occurred_at": micros(occurred_at())}},
        "POST",
        "/v1/holds/h1/settle",
        {"item": {**sent, "occurred_at": occurred_at().isoformat()}},
    )


OPENING = {"account_id": "main", "owner_kind": "org", "currency": "USD", "overdraft_limit": "5"}
SECOND_ACCOUNT = {"account_id": "second", "owner_kind": "org", "currency": "USD"}
PURCHASE = {"amount": "5.00", "payment_ref": "card/1"}
GRANT = {"amount": "1.5", "kind": "promo", "reason": "welcome", "reference": "promo-1"}
WORKSPACE = {"workspace_id": "ws", "account_id": "main", "model": "acme/large"}
HOLD = {"hold_id": "h1", "workspace_id": "ws", "amount": "0.50"}
MODEL = {"model": "acme/small", "origin": "user"}
MODE = {"mode": "platform_managed", "reason": "test"}
RICH = {
    "provider": "openai",
    "runtime": "py",
    "reported_cost": {"amount": "0.0125", "currency": "USD"},
    "credential": "platform",
    "request_id": "r-1",
    "operation_id": "o-1",
    "fallback_from": "other",
    "capability": "chat",
    "tags": {"team": "search", "äpfel": "ja"},
    "status": "partial",
}


def of_main(command: str, path: str, **body: Any) -> Step:
    """A command about account ``main``, as its struct has it and as its path has it."""
    return Step(command, {"account_id": "main", **body}, "POST", f"/v1/accounts/main/{path}", body)


def life_of_money() -> list[Step]:
    """Money that moves without being used or bought, and a refusal of it."""
    transfer = {"transfer_id": "t1", "from": "main", "to": "second", "amount": "0.10"}
    by_hand = {"reason": "test", "approver": "op-1"}
    won = {"outcome": "won"}
    return [
        Step("OpenAccount", OPENING, "POST", "/v1/accounts", OPENING),
        of_main("RecordPurchase", "purchases", **PURCHASE),
        Step("OpenAccount", SECOND_ACCOUNT, "POST", "/v1/accounts", SECOND_ACCOUNT),
        of_main("ChargeFee", "fees", fee="storage", period="2026-03", amount="0.30"),
        of_main("ChargeFee", "fees", fee="other", period="p1", amount="99", capped=True, suspend_if_short=True),
        of_main("ChargeFee", "fees", fee="other", period="p2", amount="99"),
        of_main("AdjustBalance", "adjustments", amount="2.00", **by_hand, reverses="fee-p1"),
        of_main("RefundPurchase", "refunds", payment_ref="card/1", refund_id="r1", amount="0.50", reason="asked"),
        of_main("OpenDispute", "disputes", dispute_id="d1", payment_ref="card/1"),
        Step("CloseDispute", {"dispute_id": "d1", **won}, "POST", "/v1/disputes/d1/close", won),
        Step("TransferCredits", transfer, "POST", "/v1/transfers", transfer),
        of_main("AdjustBalance", "adjustments", amount="-9.00", **by_hand),
        of_main("WriteOffOverdraft", "write-offs", amount="0.01", **by_hand),
    ]


SPENT = {"budget_id": "d", "limit": "10.00", "window": "total", "zone": "Europe/Berlin", "thresholds": [50]}
BY_ONE = {"budget_id": "u", "limit": "1.00", "window": "total"}
LIMITS_BY_RECORD = {"budgets": [SPENT, {**BY_ONE, "scope": "user", "scope_value": "u1"}], "overdraft_limit": "2.00"}
LIMITS_BY_BODY = {"budgets": [SPENT, {**BY_ONE, "scope": {"user": "u1"}}], "overdraft_limit": "2.00"}
TOPUP = {"threshold": "100.00", "amount": "5.00", "monthly_cap": "20.00", "schedule": "week"}


def limits() -> list[Step]:
    """What an account may spend, and how it is kept from running dry."""
    put = "/v1/accounts/main/limits"
    topup = "/v1/accounts/main/auto-topup"
    never = {"topup_id": "topup/main/7"}
    return [
        Step("SetSpendLimits", {"account_id": "main", **LIMITS_BY_RECORD}, "PUT", put, LIMITS_BY_BODY),
        Step(
            "SetSpendLimits",
            {"account_id": "main", "budgets": [{"budget_id": "nowhere"}]},
            "PUT",
            put,
            {"budgets": [{"budget_id": "nowhere", "limit": None}]},
        ),
        Step(
            "SetSpendLimits",
            {"account_id": "main", "budgets": [{**SPENT, "window": "year"}]},
            "PUT",
            put,
            {"budgets": [{**SPENT, "window": "year"}]},
        ),
        Step("ConfigureAutoTopup", {"account_id": "main", **TOPUP}, "PUT", topup, TOPUP),
        Step("CompleteTopup", {"account_id": "main", **never}, "POST", f"{topup}/complete", never),
        Step("FailTopup", {"account_id": "main", **never}, "POST", f"{topup}/fail", never),
    ]


def life() -> list[Step]:
    """What a tenant does, rightly and wrongly."""
    return [
        Step("OpenAccount", OPENING, "POST", "/v1/accounts", OPENING),
        Step("RecordPurchase", {"account_id": "main", **PURCHASE}, "POST", "/v1/accounts/main/purchases", PURCHASE),
        Step("GrantCredits", {"account_id": "main", **GRANT}, "POST", "/v1/accounts/main/grants", GRANT),
        Step("RegisterWorkspace", WORKSPACE, "POST", "/v1/workspaces", WORKSPACE),
        Step("SelectModel", {"workspace_id": "ws", **MODEL}, "PUT", "/v1/workspaces/ws/model", MODEL),
        Step("ClearModel", {"workspace_id": "ws"}, "PUT", "/v1/workspaces/ws/model", {"model": None}),
        Step("ChangeBillingMode", {"workspace_id": "ws", **MODE}, "PUT", "/v1/workspaces/ws/billing-mode", MODE),
        usage(item("a1"), item("a2", **RICH), item("a3", workspace_id="unknown"), item("a4", usage={"nonsense": 1})),
        usage(item("a1"), item("a2", model="another")),
        *limits(),
        Step("PlaceHold", {"account_id": "main", **HOLD}, "POST", "/v1/accounts/main/holds", HOLD),
        Step("ReleaseHold", {"hold_id": "h1"}, "POST", "/v1/holds/h1/release", {}),
        Step("SettleHold", {"hold_id": "h1", "amount": "0.25"}, "POST", "/v1/holds/h1/settle", {"amount": "0.25"}),
        settled(item("a9", workspace_id="ws")),
        settled(item("a10", workspace_id="unknown")),
        as_the_provider_counts("r1", {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}}),
        as_the_provider_counts("r2", {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 10}}),
        corrected("a1", usage={"input_tokens": 2_000}),
        corrected("r1", raw_usage={"input_tokens": 3, "output_tokens": 4}, api_flavor="anthropic"),
        corrected("a2", void=True),
        corrected("a2", void=True),
        corrected("a2", usage={"nonsense": 1}),
        rated_again(dry_run=True),
        rated_again(),
        # A natural repeat, and refusals by rule.
        Step("RecordPurchase", {"account_id": "main", **PURCHASE}, "POST", "/v1/accounts/main/purchases", PURCHASE),
        Step("OpenAccount", OPENING, "POST", "/v1/accounts", OPENING),
        Step(
            "ChangeBillingMode",
            {"workspace_id": "ws", "mode": None, "reason": "x", "expected_version": 1},
            "PUT",
            "/v1/workspaces/ws/billing-mode",
            {"mode": None, "reason": "x", "expected_version": 1},
        ),
        usage(item("a5"), item("a6", usage={"nonsense": 1}), atomic=True),
        # Input that is wrong in itself.
        Step("OpenAccount", {**OPENING, "account_id": "a/b"}, "POST", "/v1/accounts", {**OPENING, "account_id": "a/b"}),
        Step("OpenAccount", {**OPENING, "currency": "usd"}, "POST", "/v1/accounts", {**OPENING, "currency": "usd"}),
        Step("OpenAccount", {**OPENING, "owner_kind": "x"}, "POST", "/v1/accounts", {**OPENING, "owner_kind": "x"}),
        Step(
            "GrantCredits",
            {"account_id": "main", **GRANT, "amount": "1e3"},
            "POST",
            "/v1/accounts/main/grants",
            {**GRANT, "amount": "1e3"},
        ),
        Step(
            "GrantCredits",
            {"account_id": "main", **GRANT, "reason": "a\0b"},
            "POST",
            "/v1/accounts/main/grants",
            {**GRANT, "reason": "a\0b"},
        ),
        usage(),
        usage(item("a b")),
        usage(item("a7", tags={"t": "x" * 300})),
        usage(item("a8", credential="stolen")),
        usage(*(item(f"many-{number}") for number in range(1_001))),
    ]


def as_the_provider_counts(attempt: str, counts: dict[str, Any]) -> Step:
    """An item that brings the provider's own object, and says whom it was for."""
    sent = {"id": attempt, "workspace_id": "ws", "model": "no/price", "api_flavor": "openai", "quality": "estimated"}
    sent |= {"provider_response_id": attempt, "attributed_to": {"user": "u1", "team": "search"}}
    plain = usage({**sent, "usage": {}})
    (record,), (body,) = plain.record["items"], plain.body["items"]
    del body["usage"]
    return plain._replace(
        record={**plain.record, "items": [{**record, "raw_usage": json.dumps(counts)}]},
        body={**plain.body, "items": [{**body, "raw_usage": counts}]},
    )


def corrected(attempt: str, **fields: Any) -> Step:
    fields = {"reason": "counted again", **fields}
    texts = {"raw_usage": json.dumps(fields["raw_usage"])} if "raw_usage" in fields else {}
    record = {"item": attempt, "source": SOURCE, **fields, **texts}
    return Step("CorrectUsage", record, "POST", f"/v1/usage/{attempt}/corrections", fields)


def rated_again(**fields: Any) -> Step:
    since, until = datetime(2020, 1, 1, tzinfo=UTC), FAR
    named = {"account_id": "main", **fields}
    return Step(
        "RerateUsage",
        {**named, "from": micros(since), "to": micros(until)},
        "POST",
        "/v1/usage/rerate",
        {**named, "from": since.isoformat(), "to": until.isoformat()},
    )


def of_account(command: str, method: str, path: str, body: dict[str, Any], **other: Any) -> Step:
    """A command about account ``main``; ``other`` is what its record says in another way than the body."""
    record = {"account_id": "main", **body, **other}
    return Step(command, record, method, f"/v1/accounts/main/{path}", body)


def standing(command: str, status: str, reason: str = "manual") -> Step:
    record = {"account_id": "main", "reason": reason}
    return Step(command, record, "PUT", "/v1/accounts/main/status", {"status": status, "reason": reason})


ALLOWANCE = {"plan": "team", "period": "2999-01", "amount": "2", "rollover": "capped:1"}
FAR = datetime(2999, 1, 1, tzinfo=UTC)
LATER = {**GRANT, "reference": "later", "effective_at": FAR.isoformat()}
ENTRY = {
    "lines": [
        {"account_code": 1000, "side": "debit", "amount": "1"},
        {"account_code": 3000, "side": "credit", "amount": "1"},
    ],
    "reason": "by hand",
}
DIVIDEND = {"dividend_id": "q1", "pool": "1", "recipients": ["main"]}


def life_of_credit() -> list[Step]:
    """Credit that comes by plan, by dividend and later; payments that fail; entries by hand; standing."""
    return [
        Step("OpenAccount", OPENING, "POST", "/v1/accounts", OPENING),
        of_account("GrantCredits", "POST", "grants", LATER, effective_at=micros(FAR)),
        of_account("RecordPurchase", "POST", "purchases", {**PURCHASE, "priority": 7}),
        of_account("ReportPaymentFailure", "POST", "payment-failures", {"payment_ref": "card/1", "reason": "late"}),
        of_account("GrantAllowance", "POST", "allowances", ALLOWANCE),
        of_account("GrantAllowance", "POST", "allowances", ALLOWANCE),
        of_account("GrantAllowance", "POST", "allowances", {**ALLOWANCE, "period": "2020-01"}),
        of_account("GrantAllowance", "POST", "allowances", {**ALLOWANCE, "period": "soon"}),
        of_account("PostEntry", "POST", "journal", ENTRY),
        of_account("PostEntry", "POST", "journal", {**ENTRY, "lines": ENTRY["lines"][:1]}),
        Step("DeclareDividend", DIVIDEND, "POST", "/v1/dividends", DIVIDEND),
        Step("PayDividend", {"dividend_id": "q1"}, "POST", "/v1/dividends/q1/pay", {}),
        Step("PayDividend", {"dividend_id": "q2"}, "POST", "/v1/dividends/q2/pay", {}),
        standing("SuspendAccount", "suspended"),
        standing("ResumeAccount", "open"),
        standing("CloseAccount", "closed", "left us"),
    ]


FINGERPRINT = f"hmac-sha256:{'3f1c' * 16}"
STORED = {"name": "KIMI_API_KEY", "fingerprint": FINGERPRINT}
IN_AN_ORGANIZATION = {"workspace_id": "ws", "runtime": "hermes", "origin": "import", "organization_id": "org-1"}


def of_workspace(command: str, method: str, path: str, body: dict[str, Any], **other: Any) -> Step:
    """A command about workspace ``ws``; ``other`` is what its record says beside the body or in another way."""
    return Step(command, {"workspace_id": "ws", **body, **other}, method, f"/v1/workspaces/ws/{path}", body)


def of_organization(command: str, record: dict[str, Any], body: dict[str, Any]) -> Step:
    path = "/v1/organizations/org-1/billing-mode-default"
    return Step(command, {"organization_id": "org-1", **record}, "PUT", path, body)


def life_of_modes() -> list[Step]:
    """What billing modes are derived from; there is no registry, so every name of a workspace's own is guarded."""
    named = {**IN_AN_ORGANIZATION, "credentials": [STORED]}
    for_all = {**STORED, "scope": "tenant"}
    over = {"mode": None, "reason": "over"}
    return [
        Step("RegisterWorkspace", named, "POST", "/v1/workspaces", named),
        Step("RegisterWorkspace", IN_AN_ORGANIZATION, "POST", "/v1/workspaces", IN_AN_ORGANIZATION),
        of_workspace("ChangeRuntime", "PUT", "runtime", {"runtime": "codex", "origin": "import"}),
        of_workspace("ChangeRuntime", "PUT", "runtime", {"runtime": None, "expected_version": 7}),
        of_workspace("SelectModel", "PUT", "model", {"model": "m", "runtime": "hermes"}),
        Step(
            "ClearModel",
            {"workspace_id": "ws", "runtime": ""},
            "PUT",
            "/v1/workspaces/ws/model",
            {"model": None, "runtime": None},
        ),
        of_workspace("ChangeBillingMode", "PUT", "billing-mode", {"mode": "free", "reason": "r", "origin": "import"}),
        of_workspace("AddCredentialName", "POST", "credentials", STORED),
        of_workspace("AddCredentialName", "POST", "credentials", {**STORED, "fingerprint": "sk-1"}),
        of_workspace("AddCredentialName", "POST", "credentials", {"name": "KIMI_API_KEY"}),
        of_workspace("AddCredentialName", "POST", "credentials", for_all),
        of_workspace("RemoveCredentialName", "DELETE", "credentials/KIMI_API_KEY", {}, name="KIMI_API_KEY"),
        of_workspace(
            "RemoveCredentialName",
            "DELETE",
            "credentials/KIMI_API_KEY?scope=tenant",
            {},
            name="KIMI_API_KEY",
            scope="tenant",
        ),
        of_organization("SetOrgDefault", SET_DEFAULT, SET_DEFAULT),
        of_organization("SetOrgDefault", {"mode": "free", "reason": "r"}, {"mode": "free", "reason": "r"}),
        of_organization("SetOrgDefault", {"reason": "r"}, {"reason": "r"}),
        of_organization("ClearOrgDefault", {"reason": "over"}, over),
        of_organization("ClearOrgDefault", {"reason": ""}, {**over, "reason": ""}),
        of_workspace("DecideProvision", "POST", "runs", {"run_id": "r1"}),
        of_workspace("DecideProvision", "POST", "runs", {"run_id": "r1"}),
        of_workspace("ChangeRuntime", "PUT", "runtime", {"runtime": "codex", "origin": "import"}),
        of_workspace("DecideProvision", "POST", "runs", {"run_id": "r2"}),
        of_workspace("DecideProvision", "POST", "runs", {"run_id": "a/b"}),
    ]


SET_DEFAULT = {"mode": "byok", "reason": "own contracts", "expected_version": 2}


def over_http(api: Api, step: Step, command_id: str) -> dict[str, Any]:
    """The answer in the words of an outcome."""
    response = api.send(step.method, step.path, json=step.body, headers={"Idempotency-Key": command_id})
    answer = response.json()
    if response.status_code >= 400:
        pointer = answer["errors"][0]["pointer"] if answer.get("errors") else None
        return {"outcome": "refused", "code": answer["code"], "detail": answer["detail"], "pointer": pointer}
    known = {"outcome": answer.pop("outcome", "accepted"), "code": answer.pop("code", None)}
    answer.pop("position")
    answer.pop("usage_event_id", None)  # no two events have the same
    if step.command == "RecordUsage":
        answer.pop("available", None)  # an outcome says what was charged; what is left is asked for
    answer.pop("expires_at", None)
    return {**known, "answer": answer}


def over_kafka(outcome: dict[str, Any]) -> dict[str, Any]:
    """The outcome, as far as HTTP says the same."""
    if outcome["outcome"] == "refused" and not outcome["items"]:
        return {name: outcome[name] for name in ("outcome", "code", "detail", "pointer")}
    answer = {"items": [given(each) for each in outcome["items"]], "charged": outcome["charged"]}
    answer = (
        given({**answer, "currency": outcome["currency"]})
        if answer["items"]
        else _lasting(json.loads(outcome["answer"]))
    )
    return {"outcome": outcome["outcome"], "code": outcome["code"], "answer": answer}


def _lasting(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what depends on when it was decided, or stands beside the answer in an outcome."""
    elsewhere = ("expires_at", "outcome", "code", "usage_event_id")
    return {name: value for name, value in answer.items() if name not in elsewhere}


def given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def history(owner: Connection[Any], tenant: str) -> list[dict[str, Any]]:
    """Every event of the tenant, without what only says where it came from."""
    rows = owner.execute(
        "SELECT split_part(stream_id, '/', 2), stream_version, fingerprint, body FROM ledger.events"
        " WHERE split_part(stream_id, '/', 1) = %s ORDER BY position",
        (tenant,),
    )
    return [{"stream": stream, "version": version, **fact(*coded)} for stream, version, *coded in rows]


def fact(fingerprint: bytes, body: bytes) -> dict[str, Any]:
    name, record = codec.decode(fingerprint, body)
    return {"event": name, **{key: timeless(value) for key, value in record.items() if key not in INCIDENTAL}}


def timeless(value: Any) -> Any:
    """The value without places, and with every time of recording in it replaced by a word: no two events share one."""
    if isinstance(value, dict):
        return {name: timeless(inner) for name, inner in value.items() if name not in PLACES}
    if isinstance(value, list):
        return [timeless(inner) for inner in value]
    is_recorded = isinstance(value, int) and value > micros(occurred_at()) - DAY and value != micros(occurred_at())
    return "when it was recorded" if is_recorded else value


@pytest.fixture
def http_tenant(tenant: str) -> str:
    return f"{tenant}-http"


@pytest.fixture
def over_http_key(url: str, admin: Api, http_tenant: str) -> Iterator[Api]:
    body = {"scopes": ["usage", "holds", "money", "workspaces"], "source": SOURCE}
    with Api(url, admin.accepted("/v1/keys", body, tenant=http_tenant)["secret"]) as api:
        yield api


@pytest.mark.parametrize(
    ("live", "happened"),
    [
        (life, {"UsageRecorded", "UsageCorrected", "UsageQuarantined", "CommandRefused"}),
        (life_of_credit, {"GrantScheduled", "EntryPosted", "DividendCompleted", "AccountResumed", "CommandRefused"}),
        (life_of_money, {"FeeCharged", "PurchaseRefunded", "DisputeOpened", "DisputeWon", "CommandRefused"}),
        (life_of_modes, {"RuntimeChanged", "CredentialNameRemoved", "OrgDefaultCleared", "CredentialWriteRejected"}),
    ],
)
def test_a_tenants_life_is_the_same_through_either_door(
    gateway: Gateway,
    topic: Callable[[str], str],
    owner,
    over_http_key: Api,
    tenant: str,
    http_tenant: str,
    live: Callable[[], list[Step]],
    happened: set[str],
) -> None:
    for step in live():
        command_id = f"c-{uuid4().hex}"
        by_http = over_http(over_http_key, step, command_id)
        by_kafka = over_kafka(gateway.ask(topic("gateway"), tenant, step.command, step.record, command_id))
        assert by_kafka == by_http, step.command
    over_http_history = [each for each in history(owner, http_tenant) if not each["stream"].startswith("key-")]
    over_kafka_history = history(owner, tenant)
    assert over_kafka_history == over_http_history
    assert {each["event"] for each in over_kafka_history} >= happened


TIERED = {
    "per_million": {"input": "3"},
    "per_request": "0.01",
    "tiers": [{"bucket": "searches", "mode": "graduated", "steps": [{"up_to": 5, "flat": "1"}, {"unit": "0.1"}]}],
    "thresholds": [{"over": 100, "per_million": {"input": "6"}}],
    "windows": [{"from": "22:00", "to": "06:00", "per_million": {"input": "1"}}],
}


def facts(model: str, month: str) -> list[Step]:
    """Every command about the whole deployment, once."""
    since, text = {"effective_from": micros(occurred_at())}, {"effective_from": occurred_at().isoformat()}
    version = f"v-{model}"
    price = {"version": version, "model": model, "list": "sell", "currency": "USD", "price": TIERED, "reason": "test"}
    listed = {"source_name": "litellm", "model": model, "per_million": {"output": "15"}}
    alias = {"alias": f"{model}-latest", "model": model}
    policy = {"model": model, "margin": {"type": "percent", "value": "30"}, "minimum_charge": "0.01"}
    called_off = {"reason": "test"}
    label = f"r-{model}"
    content = msgspec.to_builtins(msgspec.structs.replace(packaged_content(), version=label))
    later = {"effective_from": micros(occurred_at() + timedelta(days=900))}
    later_text = {"effective_from": (occurred_at() + timedelta(days=900)).isoformat()}
    registry, judged = {"version": label, "reason": "test"}, {"policy": "P3", "reason": "test"}
    org = {"organization_id": f"org-{model}"}
    return [
        Step(
            "PublishRegistry",
            registry | later | {"content": json.dumps(content)},
            "POST",
            "/v1/registries",
            registry | later_text | {"content": content},
        ),
        Step("ActivatePolicy", judged | later | org, "POST", "/v1/policies", judged | later_text | {"scope": org}),
        Step("CloseMonth", {"month": month}, "POST", f"/v1/months/{month}/close", {}),
        Step("WireProxy", {}, "PUT", "/v1/deployment/proxy", {"wired": True}),
        Step("UnwireProxy", {}, "PUT", "/v1/deployment/proxy", {"wired": False}),
        Step("PublishPrices", price | since, "POST", "/v1/prices", price | text),
        Step("ImportPrice", listed | since, "POST", "/v1/prices/imports", listed | text),
        Step("MapModel", alias | since, "POST", "/v1/models/aliases", alias | text),
        Step("SetPricingPolicy", policy, "PUT", "/v1/pricing-policies", policy),
        Step("WithdrawPrice", called_off | {"version": version}, "POST", f"/v1/prices/{version}/withdraw", called_off),
    ]


def test_facts_of_the_deployment_are_the_same_through_either_door(gateway, topic, admin, owner):
    platform = topic("platform")
    gateway.ask(platform, "platform", "UnwireProxy", {})
    seen = len(history(owner, "platform"))
    for step in facts(f"model-{uuid4().hex[:8]}", "2021-03"):
        assert over_http(admin, step, uuid4().hex)["outcome"] == "accepted"
    for step in facts(f"model-{uuid4().hex[:8]}", "2021-04"):
        assert gateway.ask(platform, "platform", step.command, step.record)["outcome"] == "accepted"
    recorded = [each for each in history(owner, "platform")[seen:] if not each["stream"].startswith("key-")]
    stated = [without_names(each) for each in recorded]
    half = len(stated) // 2
    assert stated[half:] == stated[:half]
    assert {each["event"] for each in stated} == {
        "MonthClosed",
        "ProxyWired",
        "ProxyUnwired",
        "PriceVersionPublished",
        "PriceImported",
        "PriceParked",
        "ModelMapped",
        "PricingPolicySet",
        "PriceVersionWithdrawn",
        "RegistryPublished",
        "PolicyActivated",
    }


def without_names(event: dict[str, Any]) -> dict[str, Any]:
    named = ("stream", "version", "model", "alias", "source", "month", "digest", "content", "organization_id")
    return {name: value for name, value in event.items() if name not in named}


def test_a_price_for_one_account_is_its_tenants(gateway, topic, tenant, owner):
    """As over HTTP: it is published for the tenant whose account it is for."""
    opening = {"account_id": "main", "owner_kind": "org", "currency": "USD"}
    gateway.ask(topic("platform"), tenant, "OpenAccount", opening)
    price = {"version": "v1", "model": f"m-{tenant}", "list": "sell", "currency": "USD", "account_id": "main"}
    record = {**price, "price": {"per_request": "1"}, "reason": "test"}
    published = gateway.ask(topic("platform"), tenant, "PublishPrices", record)
    assert published["outcome"] == "accepted"
    (stored,) = owner.execute(
        "SELECT fingerprint, body FROM ledger.events WHERE stream_id = %s", (f"platform/price-m-{tenant}",)
    ).fetchall()
    assert codec.decode(*stored)[1]["tenant"] == tenant


@pytest.mark.parametrize("judged", [{"workspace_id": "ws"}, {"organization_id": "org-1"}])
def test_a_policy_for_one_workspace_or_organization_is_its_tenants(gateway, topic, tenant, owner, judged):
    gateway.ask(topic("platform"), tenant, "RegisterWorkspace", {"workspace_id": "ws", "organization_id": "org-1"})
    activated = gateway.ask(topic("platform"), tenant, "ActivatePolicy", {"policy": "P3", "reason": "test", **judged})
    assert activated["outcome"] == "accepted"
    stored = owner.execute("SELECT fingerprint, body FROM ledger.events WHERE stream_id = 'platform/governance'")
    event = codec.decode(*stored.fetchall()[-1])[1]
    assert (event["tenant"], event["scope_tenant"]) == (tenant, tenant)


def test_what_the_topic_says_and_where_it_stood_is_in_the_events(gateway, topic, tenant, owner):
    opening = {"account_id": "main", "owner_kind": "org", "currency": "USD"}
    command_id = gateway.send(topic("gateway"), tenant, "OpenAccount", opening)
    gateway.outcome(tenant, command_id)
    (stored,) = owner.execute(
        "SELECT fingerprint, body FROM ledger.events WHERE stream_id = %s", (f"{tenant}/account-main",)
    ).fetchall()
    event = codec.decode(*stored)[1]
    assert event["actor"] == {"kind": "system", "id": "gateway"}
    assert (event["source"], event["command_id"]) == ("gateway", command_id)
    assert event["correlation_id"].startswith(f"{topic('gateway')}:")


def test_every_command_but_those_for_keys_has_a_way_in():
    assert {step.command for step in (*life(), *life_of_money(), *facts("any", "2021-05"))} <= ACCEPTED.keys()


@pytest.mark.rule("K1")
def test_a_command_about_keys_has_none_even_if_it_had_a_schema():
    every_name = {kind.__name__ for kind in HANDLERS}
    about_keys = {kind.__name__ for kind in HANDLERS if kind.__module__ == key_commands.__name__}
    assert about_keys
    assert not about_keys & accepted_commands(HANDLERS, every_name).keys()
