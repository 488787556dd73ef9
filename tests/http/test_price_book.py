"""The price book over HTTP: every refusal leaves it as it was, every form of price charges and is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from http_door.client import Api
from http_door.usage import ago, item

LIST: dict[str, Any] = {"list": "sell", "currency": "USD", "reason": "test"}
INPUT = {"per_million": {"input": "1"}}
STEPS = [{"up_to": 10, "flat": "0.5", "unit": "0.01"}, {"unit": "0.001"}]
TIERS = {"bucket": "searches", "mode": "graduated", "steps": STEPS}
POLICIES = "/v1/pricing-policies"


@pytest.fixture
def book(http_database: str) -> Callable[[], int]:
    """How many facts there are of prices: versions, aliases, policies."""

    def count() -> int:
        with psycopg.connect(http_database) as connection:
            found = connection.execute("SELECT count(*) FROM ledger.events WHERE stream_id LIKE 'platform/pric%'")
            (facts,) = found.fetchone() or (0,)
            return facts

    return count


@pytest.fixture
def publish(admin: Api) -> Callable[..., str]:
    """Publishes a price for a model of its own; answers the model."""

    def price(forms: dict[str, Any], **fields: Any) -> str:
        model = f"model-{uuid4().hex[:8]}"
        body = {"version": "v1", "model": model, "price": forms, "effective_from": ago(days=1)}
        admin.accepted("/v1/prices", {**LIST, **body, **fields})
        return model

    return price


def told(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize(
    ("price", "code", "pointer"),
    [
        ({"tiers": [{**TIERS, "steps": STEPS[:1]}]}, "price_hole", "/price/tiers/0/steps/0"),
        ({"tiers": [{**TIERS, "steps": STEPS[1:] + STEPS}]}, "price_overlap", "/price/tiers/0/steps/0"),
        ({"tiers": [{**TIERS, "mode": "volume", "basis": "period"}]}, "volume_by_period", "/price/tiers/0/basis"),
        ({**INPUT, "thresholds": [{"over": 9, "per_million": {}}]}, "price_hole", "/price/thresholds"),
        ({"per_unit": {"output": "5000"}}, "price_absurd", "/price/per_unit/output"),
        ({"per_million": {"input": "99999999999999999999"}}, "invalid_price", "/price/per_million/input"),
        ({"tiers": [{**TIERS, "steps": [{"unit": "-1"}]}]}, "invalid_price", "/price/tiers/0/steps/0/unit"),
        ({**INPUT, "windows": [{"from": "9", "to": "10:00", **INPUT}]}, "invalid_price", "/price/windows/0/from"),
        ({"tiers": [{**TIERS, "bucket": "widgets"}]}, "unknown_unit", "/price/tiers/0/bucket"),
        ({"tiers": [{**TIERS, "mode": "staircase"}]}, "invalid_value", "/price/tiers/0/mode"),
        ({"tiers": [{**TIERS, "stops": 3}]}, "unknown_field", "/price/tiers/0/stops"),
        ({"per_million": {"input": 1.5}}, "wrong_type", "/price/per_million/input"),
    ],
)
def test_a_price_with_a_mistake_is_refused_whole(admin, book, price, code, pointer):
    before = book()
    refused = admin.post("/v1/prices", {**LIST, "version": "v1", "model": "m", "price": price})
    assert told(refused) == (422, code)
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert book() == before


def test_a_refused_withdrawal_changes_nothing(admin, publish, book):
    shared, alone = f"of-many-{uuid4().hex[:8]}", f"of-one-{uuid4().hex[:8]}"
    for version in (shared, shared, alone):
        publish(INPUT, version=version)
    admin.accepted(f"/v1/prices/{alone}/withdraw", {"reason": "r"})
    before = book()
    assert told(admin.post(f"/v1/prices/{alone}/withdraw", {"reason": "r"})) == (409, "already_withdrawn")
    assert told(admin.post(f"/v1/prices/{shared}/withdraw", {"reason": "r"})) == (409, "ambiguous_price_version")
    assert told(admin.post("/v1/prices/never/withdraw", {"reason": "r"})) == (404, "price_version_not_found")
    assert told(admin.post(f"/v1/prices/{shared}/withdraw", {})) == (422, "missing_reason")
    assert book() == before


def test_an_alias_that_leads_back_changes_nothing(admin, book):
    one, other = f"a-{uuid4().hex[:8]}", f"b-{uuid4().hex[:8]}"
    admin.accepted("/v1/models/aliases", {"alias": one, "model": other})
    before = book()
    assert told(admin.post("/v1/models/aliases", {"alias": other, "model": one})) == (409, "alias_cycle")
    assert book() == before


@pytest.mark.rule("U9")
@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"margin": {"type": "multiplier", "value": "0.5"}}, 422, "margin_below_cost"),
        ({"margin": {"type": "percent", "value": "-1"}}, 422, "margin_below_cost"),
        ({"margin": {"type": "multiplier", "value": "4,0"}}, 422, "invalid_margin"),
        ({"margin": {"type": "factor", "value": "4"}}, 422, "invalid_value"),
        ({"margin": {"value": "4"}}, 422, "missing_field"),
        ({"minimum_charge": "-1"}, 422, "invalid_amount"),
        ({"minimum_charge": "0.0000000001"}, 422, "amount_too_precise"),
        ({"byok_fee_per_request": "9999999999"}, 422, "amount_out_of_range"),
        ({"minimum_charge": 1}, 422, "wrong_type"),
        ({"account_id": "nobody"}, 404, "account_not_found"),
    ],
)
def test_a_policy_with_a_mistake_is_refused(admin, tenant, book, fields, status, code):
    before = book()
    refused = admin.put(POLICIES, {"model": "no-such-model", **fields}, tenant=tenant)
    assert told(refused) == (status, code)
    assert book() == before


@pytest.mark.rule("P9")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"per_million": {}}, "invalid_price"),
        ({"per_million": {"input": "-1"}}, "invalid_price"),
        ({"per_million": {"widgets": "1"}}, "unknown_unit"),
        ({"per_million": {"input": "1000000001"}}, "price_absurd"),
        ({"source_name": "hearsay"}, "invalid_value"),
        ({"source_digest": "abc"}, "invalid_value"),
    ],
)
def test_an_import_with_a_mistake_is_refused(admin, book, fields, code):
    before = book()
    body = {"source_name": "litellm", "model": "m", "per_million": {"input": "1"}, **fields}
    assert told(admin.post("/v1/prices/imports", body)) == (422, code)
    assert book() == before


@pytest.mark.rule("P9")
def test_two_lists_that_agree_put_a_price_in_force(admin, owner, workspace, tenant):
    model = f"model-{uuid4().hex[:8]}"
    said = {"model": model, "per_million": {"input": "1", "output": "2"}, "effective_from": ago(days=1)}
    parked = admin.accepted("/v1/prices/imports", {**said, "source_name": "litellm"})
    assert (parked["version"], parked["parked"]) == (None, "single_source")
    live = admin.accepted("/v1/prices/imports", {**said, "source_name": "genai-prices"})
    assert live["parked"] is None
    half = {"type": "percent", "value": "50"}
    set_ = admin.put(POLICIES, {"account_id": "main", "model": model, "margin": half}, tenant=tenant)
    assert set_.json()["margin"] == half
    (answer,) = owner.record(item(model, id="a1"))
    assert (answer["charged"], answer["provider_cost"]) == ("0.0021", "0.0014")
    line = owner.get("/v1/usage/a1").json()
    assert (line["price_version"], line["list"], line["margin"]) == (live["version"], "cost", half)
    assert line["arithmetic"]["text"] == (
        "1000 x 0.000001 + 200 x 0.000002 = 0.0014, + 50 %, rounded half-even to nano-units: 0.0021 USD"
    )


@pytest.mark.rule("P3")
def test_a_withdrawn_price_charges_nobody(admin, owner, workspace, publish):
    version = f"of-one-{uuid4().hex[:8]}"
    model = publish(INPUT, version=version)
    withdrawn = admin.accepted(f"/v1/prices/{version}/withdraw", {"reason": "wrong"})
    assert (withdrawn["version"], withdrawn["model"]) == (version, model)
    (answer,) = owner.record(item(model, usage={"input_tokens": 1}))
    assert (answer["line_status"], answer["reason"]) == ("unpriced", "no_price")


@pytest.mark.rule("P4")
def test_an_alias_is_priced_as_its_model(admin, owner, workspace, publish):
    model = publish(INPUT)
    alias = f"{model}-latest"
    admin.accepted("/v1/models/aliases", {"alias": alias, "model": model})
    (answer,) = owner.record(item(alias, id="a1", usage={"input_tokens": 1_000}))
    assert answer["charged"] == "0.001"
    line = owner.get("/v1/usage/a1").json()
    assert (line["model"], line["mapped_from"]) == (model, alias)


@pytest.mark.rule("P5")
def test_tiers_of_a_month_are_explained(owner, workspace, publish):
    model = publish({**INPUT, "tiers": [{**TIERS, "basis": "period"}], "per_request": "0.1"})
    used = {"searches": 8, "input_tokens": 1_000}
    answers = owner.record(item(model, id="a1", usage=used), item(model, id="a2", usage=used))
    assert [answer["charged"] for answer in answers] == ["0.681", "0.127"]
    line = owner.get("/v1/usage/a2").json()
    assert line["tiers"] == [{"bucket": "searches", "quantity_before": 8, "step": 1}]
    assert line["arithmetic"] == {
        "terms": [
            {"bucket": "input", "quantity": 1_000, "unit_price": "0.000001", "amount": "0.001"},
            {"bucket": "searches", "quantity": 8, "unit_price": None, "amount": "0.026", "before": 8},
            {"bucket": "request", "quantity": 1, "unit_price": "0.10", "amount": "0.10"},
        ],
        "exact": "0.127",
        "rounded": "0.127",
        "text": "1000 x 0.000001 + 8 searches after 8 by tiers: 0.026 + 1 x 0.10 = 0.127, "
        "rounded half-even to nano-units: 0.127 USD",
    }


@pytest.mark.rule("P6")
@pytest.mark.rule("P7")
def test_the_window_and_the_threshold_that_held_are_explained(owner, workspace, publish):
    above = {"over": 100, "per_million": {"input": "4"}}
    window = {"from": "00:00", "to": "23:59:59", "per_million": {"input": "2"}, "thresholds": [above]}
    other = {"from": "23:59:59", "to": "24:00", "per_million": {"input": "2"}, "thresholds": [above]}
    model = publish({**INPUT, "windows": [window, other]})
    (answer,) = owner.record(item(model, id="a1", usage={"input_tokens": 101}))
    assert answer["charged"] == "0.000404"
    line = owner.get("/v1/usage/a1").json()
    assert line["threshold"] == 100
    assert line["window"] in ("00:00:00-23:59:59", "23:59:59-00:00:00")
    assert line["arithmetic"]["terms"][0]["unit_price"] == "0.000004"


@pytest.mark.rule("U10")
def test_a_minimum_is_explained(admin, owner, workspace, publish, tenant):
    model = publish(INPUT)
    admin.put(POLICIES, {"account_id": "main", "model": model, "minimum_charge": "0.01"}, tenant=tenant)
    (answer,) = owner.record(item(model, id="a1", usage={"input_tokens": 1}))
    assert answer["charged"] == "0.01"
    line = owner.get("/v1/usage/a1").json()
    assert line["minimum_applied"]
    assert line["arithmetic"]["minimum_charge"] == "0.01"
    assert line["arithmetic"]["text"] == "1 x 0.000001 = 0.000001, raised to the minimum: 0.01 USD"


@pytest.mark.rule("P5")
def test_a_reported_cost_is_explained(admin, owner, workspace, publish):
    model = publish({"reported_cost": True})
    reported = {"amount": "0.1234567895", "currency": "USD"}
    (answer,) = owner.record(item(model, id="a1", usage={"input_tokens": 5}, reported_cost=reported))
    assert answer["charged"] == "0.12345679"
    line = owner.get("/v1/usage/a1").json()
    assert line["arithmetic"]["terms"] == [
        {"bucket": "reported_cost", "quantity": 1, "unit_price": "0.1234567895", "amount": "0.1234567895"}
    ]


@pytest.mark.rule("U8")
def test_a_fee_for_the_customers_own_key_is_explained(admin, owner, workspace, tenant):
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "own key"})
    admin.put(POLICIES, {"account_id": "main", "byok_fee_per_request": "0.002"}, tenant=tenant)
    (answer,) = owner.record(item("any-model", id="a1"))
    assert (answer["charged"], answer["mode"], answer["account_id"]) == ("0.002", "byok", "main")
    line = owner.get("/v1/usage/a1").json()
    assert line["price_version"] is None
    assert line["arithmetic"]["text"] == "1 x 0.002 = 0.002, rounded half-even to nano-units: 0.002 USD"


@pytest.mark.rule("P2")
def test_only_admins_price(owner, workspace, book):
    before = book()
    assert told(owner.put(POLICIES, {"account_id": "main", "minimum_charge": "0"})) == (403, "key_scope")
    assert told(owner.post("/v1/models/aliases", {"alias": "a", "model": "b"})) == (403, "key_scope")
    assert book() == before


@pytest.mark.rule("U6")
def test_a_month_is_closed_once_and_when_it_is_over(admin, http_database):
    def closed() -> int:
        with psycopg.connect(http_database) as connection:
            found = connection.execute("SELECT count(*) FROM ledger.events WHERE stream_id = 'platform/months'")
            (months,) = found.fetchone() or (0,)
            return months

    assert admin.accepted("/v1/months/2021-06/close", {})["month"] == "2021-06"
    before = closed()
    assert told(admin.post("/v1/months/2021-06/close", {})) == (409, "already_closed")
    assert told(admin.post("/v1/months/2999-01/close", {})) == (409, "month_not_over")
    assert told(admin.post("/v1/months/2021-13/close", {})) == (422, "invalid_value")
    assert closed() == before
