"""Who may do what: keys, scopes, tenants, restrictions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from http_door.client import Api
from http_door.usage import item

OPENING = {"account_id": "a", "owner_kind": "org", "currency": "USD"}


def code_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("path", ["/v1/accounts/a/balance", "/v1/usage/a", "/v1/commands/s/c"])
def test_without_a_key_there_is_no_answer(anonymous, path):
    response = anonymous.get(path)
    assert code_of(response) == (401, "key_missing")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "sent",
    [
        "Bearer",
        "Bearer nonsense",
        "Basic YTpi",
        "Bearer ulk_0123456789abcdef_" + "x" * 43,
        "Bearer ulk_0123456789abcdef_" + "x" * 5_000,
        "Bearer ulk_é_é",
    ],
)
def test_what_is_no_key_of_the_ledger_is_invalid(anonymous, sent):
    response = anonymous.send("GET", "/v1/accounts/a/balance", headers={"Authorization": sent.encode()})
    assert code_of(response) == (401, "key_invalid")


def test_the_right_id_with_another_secret_is_invalid_like_an_unknown_id(door, owner, anonymous):
    head, _, secret = owner.key.rpartition("_")
    forged = f"{head}_{secret[::-1]}" if "_" not in secret else owner.key[:-1] + "~"
    response = anonymous.send("GET", "/v1/accounts/a/balance", headers={"Authorization": f"Bearer {forged}"})
    assert code_of(response) == (401, "key_invalid")


@pytest.mark.rule("K2")
def test_a_revoked_key_is_told_so(admin, key_of):
    leaked = key_of("read")
    assert leaked.get("/v1/accounts/a/balance").status_code == 404
    revoked = admin.post(f"/v1/keys/{leaked.key_id}/revoke", {"reason": "leaked"})
    assert revoked.status_code == 200
    assert code_of(leaked.get("/v1/accounts/a/balance")) == (401, "key_revoked")


def test_revoking_needs_no_body(admin, key_of):
    leaked = key_of("read")
    revoked = admin.send("POST", f"/v1/keys/{leaked.key_id}/revoke", headers={"Idempotency-Key": leaked.key_id})
    assert revoked.status_code == 200
    assert code_of(leaked.get("/v1/accounts/a/balance")) == (401, "key_revoked")


def test_revoking_a_key_that_never_was_is_not_found(admin):
    assert code_of(admin.post("/v1/keys/nobody/revoke", {})) == (404, "key_not_found")


def test_an_admin_who_acts_for_one_tenant_cannot_revoke_the_key_of_another(admin, key_of):
    theirs = key_of("read")
    assert code_of(admin.post(f"/v1/keys/{theirs.key_id}/revoke", {}, tenant="another")) == (404, "key_not_found")
    assert theirs.get("/v1/accounts/a/balance").status_code == 404


def test_an_expired_key_is_told_so(key_of, wait_until):
    ends = datetime.now(UTC) + timedelta(milliseconds=300)
    short = key_of("read", expires_at=ends.isoformat())
    wait_until(ends)
    assert code_of(short.get("/v1/accounts/a/balance")) == (401, "key_expired")


def test_a_key_that_would_never_admit_anything_is_not_issued(admin, tenant):
    body = {"scopes": ["read"], "source": "s", "expires_at": "2020-01-01T00:00:00Z"}
    assert admin.post("/v1/keys", body, tenant=tenant).status_code in (409, 422)


SCOPED = [
    ("usage", "POST", "/v1/usage", item()),
    ("money", "POST", "/v1/accounts", OPENING),
    ("money", "POST", "/v1/accounts/a/grants", {"amount": "1.00", "kind": "promo", "reason": "r"}),
    ("money", "POST", "/v1/accounts/a/purchases", {"amount": "1.00", "payment_ref": "p"}),
    ("workspaces", "POST", "/v1/workspaces", {"workspace_id": "w"}),
    ("workspaces", "PUT", "/v1/workspaces/w/model", {"model": "m"}),
    ("workspaces", "PUT", "/v1/workspaces/w/billing-mode", {"mode": None, "reason": "r"}),
    ("read", "GET", "/v1/accounts/a/balance", None),
    ("read", "GET", "/v1/accounts/a/entries", None),
    ("read", "GET", "/v1/accounts/a/statement", None),
    ("read", "GET", "/v1/workspaces/w/billing-mode", None),
    ("read", "GET", "/v1/workspaces/w/billing", None),
    ("read", "GET", "/v1/usage/summary", None),
    ("read", "GET", "/v1/usage/a", None),
]
ADMIN_ONLY = [
    ("PUT", "/v1/deployment/proxy", {"wired": True}),
    ("POST", "/v1/prices", {}),
    ("POST", "/v1/keys", {"scopes": ["read"], "source": "s"}),
    ("POST", "/v1/keys/k/revoke", {}),
]


def ask(api: Api, method: str, path: str, body: object) -> httpx.Response:
    return api.get(path) if method == "GET" else api._write(method, path, body)


@pytest.mark.parametrize(("scope", "method", "path", "body"), SCOPED)
def test_each_call_needs_its_scope_and_no_other_will_do(key_of, scope, method, path, body):
    every = {"usage", "holds", "money", "workspaces", "read"}
    assert code_of(ask(key_of(*(every - {scope})), method, path, body)) == (403, "key_scope")
    allowed = ask(key_of(scope), method, path, body)
    assert allowed.status_code in (200, 201, 404)


@pytest.mark.parametrize(("method", "path", "body"), ADMIN_ONLY)
def test_what_is_the_deployments_is_for_admins(owner, method, path, body):
    assert code_of(ask(owner, method, path, body)) == (403, "key_scope")


def test_scope_admin_implies_every_other(admin, tenant):
    assert admin.post("/v1/accounts", OPENING, tenant=tenant).status_code == 201


def test_only_the_platform_has_admins(admin, tenant):
    assert code_of(admin.post("/v1/keys", {"scopes": ["admin"], "source": "s"}, tenant=tenant)) == (403, "key_scope")


@pytest.mark.rule("K3")
def test_another_key_may_not_name_a_tenant_in_the_header(owner, tenant):
    for named in (tenant, "another"):
        assert code_of(owner.post("/v1/accounts", OPENING, tenant=named)) == (403, "key_scope")


def test_everything_of_another_tenant_is_not_found(key_of, owner, workspace, model, views):
    owner.record(item(model, id="a1"))
    views()
    stranger = key_of("money", "workspaces", "read", of="somebody-else")
    for path in (
        "/v1/accounts/main/balance",
        "/v1/accounts/main/entries",
        "/v1/accounts/main/statement",
        "/v1/workspaces/ws/billing-mode",
        "/v1/workspaces/ws/billing",
        "/v1/usage/a1",
        "/v1/usage/a1?source=gateway",
    ):
        assert owner.get(path).status_code == 200
        missing = stranger.get(path)
        assert missing.status_code == 404
        assert missing.json()["code"].endswith("_not_found")
    purchase = {"amount": "1.00", "payment_ref": "p"}
    assert code_of(stranger.post("/v1/accounts/main/purchases", purchase)) == (404, "account_not_found")
    change = {"mode": "byok", "reason": "r"}
    assert code_of(stranger.put("/v1/workspaces/ws/billing-mode", change)) == (404, "workspace_not_found")
    assert stranger.get("/v1/usage/summary").json()["items"] == []


def test_a_key_of_one_workspace_records_for_no_other(key_of, owner, workspace, model):
    owner.accepted("/v1/workspaces", {"workspace_id": "other", "account_id": "main"})
    restricted = key_of("usage", "workspaces", "read", workspace_id="ws")
    assert [each["status"] for each in restricted.record(item(model))] == ["accepted"]
    assert code_of(restricted.post("/v1/usage", item(model, workspace_id="other"))) == (403, "key_scope")
    assert restricted.put("/v1/workspaces/ws/model", {"model": "m"}).status_code == 200
    assert code_of(restricted.put("/v1/workspaces/other/model", {"model": "m"})) == (403, "key_scope")
    assert code_of(restricted.get("/v1/workspaces/other/billing-mode")) == (403, "key_scope")
    assert code_of(restricted.get("/v1/accounts/main/balance")) == (403, "key_scope")


def test_a_key_of_one_account_records_only_what_that_account_pays_for(key_of, owner, workspace, model):
    owner.accepted("/v1/accounts", {"account_id": "second", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/workspaces", {"workspace_id": "other", "account_id": "second"})
    restricted = key_of("usage", "money", account_id="main")
    assert [each["status"] for each in restricted.record(item(model))] == ["accepted"]
    for workspace_id in ("other", "unknown"):
        assert code_of(restricted.post("/v1/usage", item(model, workspace_id=workspace_id))) == (403, "key_scope")
    purchase = {"amount": "1.00", "payment_ref": "p"}
    assert restricted.post("/v1/accounts/main/purchases", purchase).status_code == 201
    assert code_of(restricted.post("/v1/accounts/second/purchases", purchase)) == (403, "key_scope")


@pytest.mark.rule("K1")
def test_the_secret_is_shown_once_and_a_replay_answers_without_it(admin, tenant):
    body = {"scopes": ["read"], "source": "s"}
    first = admin.post("/v1/keys", body, tenant=tenant, key="issue-1").json()
    again = admin.post("/v1/keys", body, tenant=tenant, key="issue-1")
    assert first["secret"].startswith(f"ulk_{first['key_id']}_")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == {name: value for name, value in first.items() if name != "secret"}


@pytest.fixture
def two_payers(owner, workspace, model, views):
    """Workspace ``ws`` is paid by ``main``, workspace ``other`` by ``second``; one attempt in each."""
    owner.accepted("/v1/accounts", {"account_id": "second", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/workspaces", {"workspace_id": "other", "account_id": "second"})
    owner.put("/v1/workspaces/other/billing-mode", {"mode": "platform_managed", "reason": "test"})
    owner.record(item(model, id="mine"), item(model, id="other", workspace_id="other"))
    views()


@pytest.mark.parametrize("restriction", [{"workspace_id": "ws"}, {"account_id": "main"}])
def test_a_restricted_key_reads_nothing_of_others(key_of, two_payers, restriction):
    restricted = key_of("read", **restriction)
    (total,) = restricted.get("/v1/usage/summary").json()["items"]
    assert total["requests"] == 1
    (name,) = restriction
    assert code_of(restricted.get(f"/v1/usage/summary?{name}=other")) == (403, "key_scope")
    assert restricted.get("/v1/usage/mine", source="gateway").status_code == 200
    assert code_of(restricted.get("/v1/usage/other", source="gateway")) == (403, "key_scope")
    assert restricted.get("/v1/workspaces/ws/billing").status_code == 200
    assert code_of(restricted.get("/v1/workspaces/other/billing")) == (403, "key_scope")
    assert code_of(restricted.get("/v1/accounts/second/balance")) == (403, "key_scope")


def test_a_restricted_key_asks_only_for_its_own_commands(key_of, owner, account):
    restricted = key_of("read", "money", account_id="main", source="narrow")
    assert code_of(restricted.get("/v1/commands/gateway/any")) == (403, "key_scope")
    restricted.post("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": "p"}, key="mine")
    assert restricted.get("/v1/commands/narrow/mine").status_code == 200


def test_a_restricted_key_does_not_read_what_another_key_of_its_source_was_answered(key_of, owner, workspace):
    wide = key_of("money", source="shared")
    wide.post("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": "p"}, key="theirs")
    restricted = key_of("usage", workspace_id="ws", source="shared")
    assert code_of(restricted.get("/v1/commands/shared/theirs")) == (404, "command_not_found")
    assert wide.get("/v1/commands/shared/theirs").status_code == 200


def test_a_price_for_an_account_that_the_tenant_has_not_is_refused(admin, owner, workspace, model):
    body = {"version": "own", "model": model, "list": "sell", "currency": "USD", "reason": "deal", "account_id": "main"}
    refused = admin.post("/v1/prices", {**body, "price": {"per_million": {"input": "1"}}}, tenant="somebody-else")
    assert code_of(refused) == (404, "account_not_found")


def test_a_price_for_one_account_is_for_the_tenant_that_the_admin_names(admin, tenant, owner, workspace, model):
    body = {"version": "own", "model": model, "list": "sell", "currency": "USD", "reason": "deal", "account_id": "main"}
    published = admin.post(
        "/v1/prices", {**body, "price": {"per_million": {"input": "1", "output": "1"}}}, tenant=tenant
    )
    assert published.status_code == 201
    (answered,) = owner.record(item(model))
    assert answered["charged"] == "0.0012"
