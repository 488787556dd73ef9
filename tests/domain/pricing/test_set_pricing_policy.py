"""SetPricingPolicy: what is named is set, what is removed is gone, the rest stays (P8, U9-U13)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.given import Given, LedgerInMemory, Then, When
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.pricing.commands import MarginText, SetPricingPolicy
from usage_ledger.pricing.events import Margin
from usage_ledger.pricing.policy_events import PricingPolicySet

ACCOUNT = OpenAccount("main", "org", "USD")
NOTHING: dict[str, Any] = {
    "account_tenant": None,
    "account_id": None,
    "model": None,
    "margin": None,
    "allow_below_cost": False,
    "minimum_charge": None,
    "unpriced": None,
    "byok_fee": None,
    "charge_failed": None,
}


def margin(value: str, type_: Any = "multiplier", *, below: bool = False) -> MarginText:
    return MarginText(type_, value, below)


@pytest.mark.rule("P8")
def test_everything_can_be_set_at_once(given: Given, when: When, then: Then) -> None:
    given(ACCOUNT)
    command = SetPricingPolicy("main", "openai/*", margin("30", "percent"), "0.01", "allow", "0.002", True)
    happened = when(command)
    assert then.recorded(PricingPolicySet) == PricingPolicySet(
        account_tenant="acme",
        account_id="main",
        model="openai/*",
        margin=Margin("percent", "30"),
        allow_below_cost=False,
        minimum_charge=10**7,
        unpriced="allow",
        byok_fee=2 * 10**6,
        charge_failed=True,
    )
    assert [stream for stream, _ in happened.recorded] == ["platform/pricing-policy-acme/main"]
    answer = then.accepted()
    assert (answer.minimum_charge, answer.byok_fee_per_request) == ("0.01", "0.002")


@pytest.mark.rule("P8")
def test_what_is_not_named_stays_and_what_is_removed_is_gone(given: Given, when: When, then: Then) -> None:
    given(SetPricingPolicy(margin=margin("0.9", below=True), minimum_charge="1"))
    when(SetPricingPolicy(unpriced="allow"))
    kept = NOTHING | {"margin": Margin("multiplier", "0.9"), "allow_below_cost": True, "minimum_charge": 10**9}
    assert then.recorded(PricingPolicySet) == PricingPolicySet(**kept | {"unpriced": "allow"})
    when(SetPricingPolicy(remove=("margin", "minimum_charge", "byok_fee_per_request")))
    assert then.recorded(PricingPolicySet) == PricingPolicySet(**NOTHING | {"unpriced": "allow"})


def test_each_scope_has_a_policy_of_its_own(given: Given, when: When, then: Then) -> None:
    given(ACCOUNT, SetPricingPolicy(minimum_charge="1"), SetPricingPolicy(minimum_charge="2", model="m*"))
    when(SetPricingPolicy("main", unpriced="allow"))
    assert then.recorded(PricingPolicySet).minimum_charge is None
    when(SetPricingPolicy(model="m*", unpriced="allow"))
    assert then.recorded(PricingPolicySet).minimum_charge == 2 * 10**9


def test_stating_what_is_set_already_records_nothing(given: Given, when: When, then: Then) -> None:
    given(SetPricingPolicy(minimum_charge="1.00"))
    when(SetPricingPolicy(minimum_charge="1"))
    then.recorded()
    assert then.accepted().minimum_charge == "1.00"


@pytest.mark.rule("U9")
@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (margin("0.5"), True),
        (margin("0.999999999"), True),
        (margin("-0.000000001", "percent"), True),
        (margin("0"), True),
        (margin("1"), False),
        (margin("0", "percent"), False),
        (margin("0.5", below=True), False),
        (margin("-100", "percent", below=True), False),
    ],
)
def test_below_cost_has_to_be_allowed_in_so_many_words(when: When, then: Then, text: MarginText, refused: bool) -> None:
    when(SetPricingPolicy(margin=text))
    if refused:
        then.refused("margin_below_cost")
    else:
        then.accepted()


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"margin": margin("-0.5", below=True)}, "invalid_margin", "/margin/value"),
        ({"margin": margin("-100.1", "percent", below=True)}, "invalid_margin", "/margin/value"),
        ({"margin": margin("1e3")}, "invalid_margin", "/margin/value"),
        ({"margin": margin("+1.3")}, "invalid_margin", "/margin/value"),
        ({"margin": margin("1,3")}, "invalid_margin", "/margin/value"),
        ({"margin": margin("")}, "invalid_margin", "/margin/value"),
        ({"margin": margin("1.0000000001")}, "invalid_margin", "/margin/value"),
        ({"margin": margin("1234567890")}, "invalid_margin", "/margin/value"),
        ({"minimum_charge": "-1"}, "invalid_amount", "/minimum_charge"),
        ({"minimum_charge": "1.0000000001"}, "amount_too_precise", "/minimum_charge"),
        ({"byok_fee_per_request": "-0.1"}, "invalid_amount", "/byok_fee_per_request"),
        ({"byok_fee_per_request": "9223372037"}, "amount_out_of_range", "/byok_fee_per_request"),
    ],
)
def test_a_setting_that_is_none_is_refused(
    when: When, then: Then, fields: dict[str, Any], code: str, pointer: str
) -> None:
    when(SetPricingPolicy(**fields))
    then.invalid(code, pointer)


def test_an_account_that_nobody_opened_has_no_policy(when: When, then: Then) -> None:
    when(SetPricingPolicy("nobody", unpriced="allow"))
    then.refused("account_not_found")


@pytest.mark.parametrize("model", ["", "a b", "[a-z]", "a?", "x" * 129])
def test_a_pattern_has_no_other_wildcard(model: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"model": model}, SetPricingPolicy)


@pytest.mark.rule("P8")
def test_a_policy_is_known_to_the_price_book(given: Given, ledger: LedgerInMemory) -> None:
    given(ACCOUNT, SetPricingPolicy("main", unpriced="allow"))
    policies = ledger.facts.prices.policies
    assert policies.of(("acme", "main"), "any", 99).unpriced == "allow"
    assert policies.of(("acme", "other"), "any", 99).unpriced == "block"
