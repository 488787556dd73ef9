"""No event passes 256 KB (U4): whatever items are sent, what they become is cut before it is too large."""

from __future__ import annotations

from typing import Any

from domain.rehearsal import Rehearsal, answer_of
from usage_ledger.accounts.commands import GrantCredits
from usage_ledger.usage.counts import BUCKET_BY_WIRE_NAME
from usage_ledger.workspaces.commands import RegisterWorkspace

from .metered_ledger import ACCOUNT, QUARANTINE, lines, price, quarantined, send, usage_events

LIMIT = 256 * 1024
LONG = "x" * 122


def heavy(number: int) -> dict[str, Any]:
    """An item with everything at its longest."""
    return {
        "id": f"{number:06}{LONG}",
        "source": f"s{LONG}",
        "workspace_id": "ws",
        "model": f"m{number % 7}/{LONG}",
        "provider": f"p{number % 5}{LONG}",
        "usage": dict.fromkeys(BUCKET_BY_WIRE_NAME, 2**30 + number),
        "reported_cost": {"amount": "1.000000000000001", "currency": "USD"},
        "request_id": f"r{LONG}",
        "operation_id": f"o{LONG}",
        "runtime": f"t{LONG}",
        "fallback_from": f"f{LONG}",
        "capability": f"c{number % 3}{LONG}",
        "tags": {f"{tag:02}" + "ü" * 62: "€" * 256 for tag in range(16)},
    }


def test_the_heaviest_items_become_several_events_and_none_is_lost(ledger: Rehearsal) -> None:
    outcome = send(ledger, *(heavy(number) for number in range(200)))
    assert {answer["status"] for answer in answer_of(outcome)["items"]} == {"accepted"}
    assert len(usage_events(ledger)) > 1
    assert max(ledger.sizes(ACCOUNT)) <= LIMIT
    assert [line.attempt_id[:6] for line in lines(ledger)] == [f"{number:06}" for number in range(200)]


def talkative(number: int) -> dict[str, Any]:
    """An item that says everything of where its counts are from and whom they are for, at its longest."""
    return {
        "id": f"{number:06}{LONG}",
        "workspace_id": "ws",
        "model": f"m/{LONG}",
        "usage": None,
        "raw_usage": {"prompt_tokens": number, "x": "ü" * 2_030},
        "api_flavor": "openai",
        "quality": "estimated",
        "requested_model": f"r/{LONG}",
        "provider_response_id": f"{number:06}" + "€" * 250,
        "hold_id": f"h{number}{LONG[:100]}",
        "attributed_to": dict.fromkeys(("user", "workspace", "key", "team", "end_user"), f"{number:06}{LONG}"),
    }


def test_items_that_say_all_of_their_counts_become_several_events(ledger: Rehearsal) -> None:
    answers = answer_of(send(ledger, *(talkative(number) for number in range(300))))["items"]
    assert {answer["status"] for answer in answers} == {"accepted"}
    assert len(usage_events(ledger)) > 1
    assert max(ledger.sizes(ACCOUNT)) <= LIMIT
    found = lines(ledger)
    assert [line.attempt_id[:6] for line in found] == [f"{number:06}" for number in range(300)]
    assert all(line.detail and line.detail.report and line.detail.report.raw_usage for line in found)


def test_many_light_items_fill_events_well(ledger: Rehearsal) -> None:
    send(ledger, *({"id": f"{number:040}"} for number in range(1000)))
    assert len(usage_events(ledger)) == 1
    assert ledger.sizes(ACCOUNT)[-1] <= LIMIT


def test_many_models_and_workspaces_of_one_payer_are_cut_too(ledger: Rehearsal) -> None:
    for number in range(8):
        workspace = f"w{number}{LONG}"
        ledger.given(RegisterWorkspace(workspace, account_id="acc"))
    models = [f"m{number}/{LONG}" for number in range(125)]
    for model in models:
        prices = dict.fromkeys(BUCKET_BY_WIRE_NAME.values(), "0.000001")
        ledger.given(price(model, f"v{model[:8].replace('/', '-')}{LONG[:90]}", prices), tenant="platform")
    items = [
        {"id": f"i{number}-{at}", "workspace_id": f"w{number}{LONG}", "model": model}
        for number in range(8)
        for at, model in enumerate(models)
    ]
    send(ledger, *items)
    events = usage_events(ledger)
    assert len(events) > 1
    assert max(ledger.sizes(ACCOUNT)) <= LIMIT
    assert sum(len(event.lines) for event in events) == 1000
    for event in events:
        for line in event.lines:
            number, at = line.attempt_id[1:].split("-")
            assert event.decisions[line.decision].workspace_id == f"w{number}{LONG}"
            assert event.prices[line.price].model == models[int(at)]


def test_events_of_one_command_draw_on_the_lots_one_after_another(ledger: Rehearsal) -> None:
    priced = {"model": "acme/small", "usage": {"input_tokens": 100_000}}
    send(ledger, *(heavy(number) | priced for number in range(150)))
    events = usage_events(ledger)
    assert len(events) > 1
    balance = 10 * 10**9
    for event in events:
        balance -= event.charged
        assert event.balance_after == balance
    assert sum(event.charged for event in events) == 15 * 10**9


def test_a_charge_from_very_many_lots_fits_beside_its_lines(ledger: Rehearsal) -> None:
    ledger.given_together(*(GrantCredits("acc", "0.001", "promo", "r", reference=f"g{n}") for n in range(5_000)))
    send(ledger, *({"id": f"{number:0128}", "usage": {"input_tokens": 20_000}} for number in range(1000)))
    assert max(ledger.sizes(ACCOUNT)) <= LIMIT
    assert sum(event.charged for event in usage_events(ledger)) == 20 * 10**9


def test_a_thousand_workspaces_of_one_payer_are_cut_too(ledger: Rehearsal) -> None:
    workspaces = [f"{number:06}{LONG}" for number in range(1000)]
    ledger.given_together(*(RegisterWorkspace(workspace, account_id="acc") for workspace in workspaces))
    items = [{"id": workspace[:6], "workspace_id": workspace, "capability": LONG} for workspace in workspaces]
    send(ledger, *items)
    assert max(ledger.sizes(ACCOUNT)) <= LIMIT
    assert [line.attempt_id for line in lines(ledger)] == [workspace[:6] for workspace in workspaces]


def test_quarantine_is_cut_too_and_keeps_every_item(ledger: Rehearsal) -> None:
    send(ledger, *(heavy(number) | {"workspace_id": "nobody"} for number in range(200)))
    assert len(ledger.sizes(QUARANTINE)) > 1
    assert max(ledger.sizes(QUARANTINE)) <= LIMIT
    assert [kept.attempt_id[:6] for kept in quarantined(ledger)] == [f"{number:06}" for number in range(200)]
    assert ledger.attempts_taken == 200
