"""Holds and billing modes: a run's decision says who is held, and a disabled workspace is held for nothing new."""

from __future__ import annotations

import pytest

from domain.holds.calls import account_of, hold, open_ledger, place
from domain.rehearsal import Rehearsal, answer_of
from domain.usage.metered_ledger import METERED, lines, record, usage_events
from usage_ledger.accounts.holds.commands import Estimate
from usage_ledger.pricing.commands import SetPricingPolicy
from usage_ledger.workspaces.commands import ChangeBillingMode, DecideProvision, RegisterWorkspace


@pytest.fixture
def ledger() -> Rehearsal:
    return open_ledger("5.00")


def mode(name: str | None) -> ChangeBillingMode:
    return ChangeBillingMode("ws", name, "r")


def run(run_id: str = "r1", workspace_id: str = "ws") -> DecideProvision:
    return DecideProvision(workspace_id, run_id)


def code(ledger: Rehearsal, **fields: str) -> str | None:
    before = account_of(ledger).held
    outcome = ledger.when(hold("refused", "0.10", **fields))
    assert account_of(ledger).held == before
    return outcome.code


def test_a_run_that_is_not_decided_is_held_for_nothing(ledger: Rehearsal) -> None:
    assert code(ledger, run_id="r1") == "run_not_decided"
    ledger.given(RegisterWorkspace("other", account_id="acc"), run("r1", "other"))
    assert code(ledger, run_id="r1") == "run_not_decided"


def test_a_run_that_was_decided_disabled_is_held_for_nothing(ledger: Rehearsal) -> None:
    ledger.given(mode("disabled"), run(), mode(None))
    assert code(ledger, run_id="r1") == "mode_disabled"


@pytest.mark.parametrize("run_id", [None, "r1", "not-decided"])
def test_a_workspace_that_is_disabled_by_now_is_held_for_nothing_whatever_its_run_is(
    ledger: Rehearsal, run_id: str | None
) -> None:
    ledger.given(run(), mode("disabled"))
    assert code(ledger, **({"run_id": run_id} if run_id else {})) == "mode_disabled"


@pytest.mark.parametrize(("decided", "later", "held"), [("platform_managed", "byok", "0.40"), ("byok", None, "0.00")])
def test_the_runs_decision_says_who_is_held(ledger: Rehearsal, decided: str, later: str | None, held: str) -> None:
    ledger.given(mode(decided), run(), mode(later))
    answer = place(ledger, amount="0.40", run_id="r1")
    assert (answer["held"], answer["mode"], answer["mode_source"]) == (held, decided, "workspace_override")


@pytest.mark.parametrize("estimate", [None, Estimate("acme/small", max_input_tokens=1_000_000)])
def test_a_run_with_its_own_key_reserves_the_fee_at_most(ledger: Rehearsal, estimate: Estimate | None) -> None:
    ledger.given(SetPricingPolicy("acc", byok_fee_per_request="0.25"), mode("byok"), run(), mode(None))
    answer = place(ledger, amount="4.00" if estimate is None else None, estimate=estimate, run_id="r1")
    assert (answer["held"], answer["mode"], answer["payer"]) == ("0.25", "byok", "acc")


@pytest.mark.rule("H12")
@pytest.mark.parametrize("later", ["byok", "disabled"])
@pytest.mark.parametrize("run_id", [None, "r1"])
def test_a_change_of_mode_leaves_an_open_hold_with_its_payer(ledger: Rehearsal, later: str, run_id: str | None) -> None:
    ledger.given(run())
    place(ledger, "h1", "2.00", run_id=run_id)
    ledger.given(mode(later))
    assert account_of(ledger).held == 2 * 10**9
    (answer,) = record(ledger, {"hold_id": "h1", "run_id": run_id})
    assert (answer["status"], answer["charged"], answer["mode"]) == ("accepted", "1.00", "platform_managed")
    assert account_of(ledger).held == 0
    assert len(lines(ledger)) == 1


@pytest.mark.rule("H12")
def test_a_hold_for_nobody_stays_one_when_the_platform_pays_by_then(ledger: Rehearsal) -> None:
    ledger.given(mode("byok"), run())
    place(ledger, "h1", "2.00", run_id="r1")
    ledger.given(mode("platform_managed"))
    (answer,) = record(ledger, {"hold_id": "h1", "run_id": "r1"})
    assert (answer["charged"], answer["mode"]) == ("0.00", "byok")


def test_the_answer_is_that_of_the_runs_policy(ledger: Rehearsal) -> None:
    ledger.given(run())
    answer = answer_of(ledger.when(hold("h1", "0.10", run_id="r1")))
    assert (answer["policy"], answer["registry"], answer["payer_reason"]) == ("P4", None, "pinned")


@pytest.mark.parametrize("held_for", [None, "paid"])
def test_usage_of_a_run_with_its_own_key_takes_nothing_of_a_hold_that_was_not_placed_for_it(
    ledger: Rehearsal, held_for: str | None
) -> None:
    """It is the run's decision that money follows: what was held for another one's call is let go."""
    ledger.given(run("paid"), mode("byok"), run("own"), mode(None))
    place(ledger, "h1", "2.00", run_id=held_for)
    (answer,) = record(ledger, {"hold_id": "h1", "run_id": "own"})
    assert (answer["charged"], answer["mode"], answer["hold_state"]) == ("0.00", "byok", "open")
    assert account_of(ledger).held == 0
    assert lines(ledger) == []
    (line,) = lines(ledger, METERED)
    assert line.attempt_id == "a1"


def test_usage_of_a_run_that_the_platform_pays_for_is_charged_beside_a_hold_for_nobody(ledger: Rehearsal) -> None:
    ledger.given(run("paid"), mode("byok"), run("own"), mode(None))
    place(ledger, "h1", "2.00", run_id="own")
    (answer,) = record(ledger, {"hold_id": "h1", "run_id": "paid"})
    assert (answer["charged"], answer["mode"], answer["hold_state"]) == ("1.00", "platform_managed", "open")
    assert account_of(ledger).holds.by_id == {}


@pytest.mark.parametrize("held_for", [None, "paid"])
def test_usage_of_a_disabled_run_is_refused_whatever_hold_it_names(ledger: Rehearsal, held_for: str | None) -> None:
    ledger.given(mode("disabled"), run("off"), mode(None), run("paid"))
    place(ledger, "h1", "2.00", run_id=held_for)
    (answer,) = record(ledger, {"hold_id": "h1", "run_id": "off"})
    assert (answer["status"], answer["code"]) == ("rejected", "mode_disabled")
    assert account_of(ledger).held == 2 * 10**9


@pytest.mark.parametrize("attributed", [{}, {"attributed_to": {"user": "ann"}}])
@pytest.mark.parametrize(("held_for", "used_in"), [("r1", "r1"), ("r1", None), (None, "r1")])
def test_a_line_that_settles_a_hold_says_its_run(
    ledger: Rehearsal, held_for: str | None, used_in: str | None, attributed: dict[str, object]
) -> None:
    ledger.given(run("r1"))
    place(ledger, "h1", "2.00", run_id=held_for)
    record(ledger, {"hold_id": "h1", "run_id": used_in, **attributed})
    (event,) = usage_events(ledger)
    (decision,) = event.decisions
    assert decision.detail is not None
    assert decision.detail.run_id == "r1"
    assert (decision.detail.attribution is None) == (not attributed)
