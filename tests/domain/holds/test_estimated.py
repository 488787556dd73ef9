"""Holds sized from the most that a call can consume (H3, H4, U12), and the budgets that they count in (L2)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.holds.calls import account_of, hold, last, open_ledger, place
from domain.rehearsal import Rehearsal
from usage_ledger.accounts.events import Quantity
from usage_ledger.accounts.holds.commands import Estimate
from usage_ledger.accounts.holds.events import HoldEstimate
from usage_ledger.accounts.limits.commands import SetBudget
from usage_ledger.accounts.usage_details import Attribution
from usage_ledger.pricing.commands import SetPricingPolicy
from usage_ledger.submission import Outcome
from usage_ledger.workspaces.commands import ChangeBillingMode


def ask(ledger: Rehearsal, model: str, hold_id: str = "h1", **most: Any) -> Outcome:
    return ledger.when(hold(hold_id, None, estimate=Estimate(model, **most)))


@pytest.mark.rule("H4")
def test_an_estimate_is_rated_like_the_usage_that_it_bounds() -> None:
    ledger = open_ledger("5.00")
    ask(ledger, "acme/small", max_input_tokens=1_000_000, max_output_tokens=500_000)
    assert (last(ledger)["amount"], last(ledger)["estimate"]) == (
        2_000_000_000,
        HoldEstimate(
            model="acme/small",
            provider=None,
            buckets=(Quantity("input", 1_000_000), Quantity("output", 500_000)),
            outcome="charged",
            price_version="small-1",
        ),
    )


@pytest.mark.rule("H3")
def test_an_estimate_of_zero_passes_at_any_balance() -> None:
    ledger = open_ledger(None)
    assert ask(ledger, "acme/free", max_input_tokens=100).outcome == "accepted"
    assert account_of(ledger).held == 0
    refused = ask(ledger, "acme/small", "h2", max_input_tokens=100, max_output_tokens=100)
    assert (refused.code, refused.facts["required"]) == ("credits_exhausted", "0.0003")


@pytest.mark.rule("U12")
@pytest.mark.parametrize(
    ("model", "most"), [("acme/unknown", {"max_input_tokens": 1}), ("acme/small", {"max_images": 1})]
)
def test_what_has_no_price_is_not_admitted_unless_the_policy_allows_it(model: str, most: dict[str, int]) -> None:
    ledger = open_ledger()
    outcome = ask(ledger, model, **most)
    assert (outcome.code, outcome.facts["model"]) == ("unpriced_model", model)
    ledger.given(SetPricingPolicy(unpriced="allow"), tenant="platform")
    assert ask(ledger, model, "h2", **most).outcome == "accepted"
    assert account_of(ledger).held == 0


@pytest.mark.rule("H3")
def test_where_the_workspace_pays_its_own_provider_a_call_needs_no_funds() -> None:
    ledger = open_ledger(None)
    ledger.given(ChangeBillingMode("ws", "byok", "r"))
    assert ask(ledger, "acme/small", max_input_tokens=1_000_000).outcome == "accepted"
    assert (last(ledger)["amount"], last(ledger)["decision"].payer) == (0, None)


@pytest.mark.rule("L2")
def test_spend_open_holds_and_the_call_together_stay_within_a_hard_budget() -> None:
    ledger = open_ledger("100.00")
    ledger.given(SetBudget("acc", "d", "10.00", "day"))
    place(ledger, "h1", "9.00")
    place(ledger, "h2", "1.00")
    refused = ledger.when(hold("h3", "0.000000001"))
    assert (refused.code, refused.facts["window"], refused.facts["held"]) == ("budget_exceeded", "day", "10.00")
    assert ask(ledger, "acme/free", "h4", max_input_tokens=500).outcome == "accepted"


@pytest.mark.rule("L2")
def test_a_budget_of_one_workspace_counts_the_holds_of_that_workspace() -> None:
    ledger = open_ledger("100.00")
    ledger.given(SetBudget("acc", "w", "1.00", "day", "workspace", "elsewhere"))
    place(ledger, "h1", "9.00")
    attributed = {"attributed_to": Attribution(workspace="elsewhere")}
    assert ledger.when(hold("h2", "1.01", **attributed)).code == "budget_exceeded"
