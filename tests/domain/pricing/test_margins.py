"""Margins on exact costs, minimum charges, and whose policy counts (U9, U10, P8)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.pricing.rated import ACCOUNT, charged, choice_of, multiplier, policy, rated
from usage_ledger.pricing.events import Margin, PriceDetail
from usage_ledger.pricing.policy import Policies
from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.pricing.rating_detail import RatingDetail
from usage_ledger.timeline import END

CENTS = 10**13
OF_ACCOUNT = {"account_tenant": ACCOUNT[0], "account_id": ACCOUNT[1]}


@pytest.mark.rule("U9")
@pytest.mark.parametrize(
    ("margin", "femto", "amount"),
    [
        (multiplier("1.3"), 15 * CENTS, "0.195"),
        (multiplier("1"), 25 * CENTS, "0.25"),
        (multiplier("4.0"), 100 * CENTS, "4.00"),
        (Margin("percent", "4.0"), 100 * CENTS, "1.04"),
        (Margin("percent", "30"), 15 * CENTS, "0.195"),
        (Margin("percent", "-10"), 100 * CENTS, "0.90"),
        (multiplier("0.5"), 100 * CENTS, "0.50"),
    ],
)
def test_the_type_of_a_margin_is_explicit_and_never_guessed(margin: Margin, femto: int, amount: str) -> None:
    choice = choice_of(policy(margin=margin), price_list="cost", reported_cost=True)
    assert charged(choice, reported=femto) == amount


@pytest.mark.rule("M4")
def test_the_margin_applies_to_the_exact_cost_and_rounding_comes_once_at_the_end() -> None:
    choice = choice_of(policy(margin=multiplier("1.5")), price_list="cost", reported_cost=True)
    # 0.6 nano would round to 1 and then come to 2; exactly it is 0.9, which is 1.
    assert rated(choice, reported=600_000)[0] == 1
    # 0.4 nano would round to nothing; exactly it is 0.6.
    assert rated(choice, reported=400_000)[0] == 1


@pytest.mark.rule("M4")
@pytest.mark.parametrize(
    ("femto", "nano"), [(1_000_000, 0), (3_000_000, 2), (5_000_000, 2), (5_000_001, 3), (7_000_000, 4)]
)
def test_ties_of_an_exact_ratio_go_to_the_even_neighbour(femto: int, nano: int) -> None:
    choice = choice_of(policy(margin=multiplier("0.5")), price_list="cost", reported_cost=True)
    assert rated(choice, reported=femto)[0] == nano


@pytest.mark.rule("U9")
def test_a_sell_price_has_no_margin_on_it() -> None:
    choice = choice_of(policy(margin=multiplier("2")), per_million={"input": "1"})
    assert charged(choice, input=10**6) == "1.00"
    assert choice.basis.detail is None


@pytest.mark.rule("U9")
def test_a_cost_price_without_a_margin_is_unpriced() -> None:
    choice = choice_of(policy(minimum_charge=5), price_list="cost", per_million={"input": "1"})
    assert rated(choice, input=10**6) == (0, "no_margin_rule", None)


@pytest.mark.rule("U9")
def test_what_is_charged_says_its_margin() -> None:
    choice = choice_of(policy(margin=multiplier("2")), price_list="cost", per_million={"input": "1"})
    assert choice.basis.detail == PriceDetail(margin=multiplier("2"))
    assert choice.basis.charge == choice.basis.cost
    assert charged(choice, input=10**6) == "2.00"


@pytest.mark.rule("U10")
@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"input": 1}, (100, "charged", RatingDetail(minimum_applied=True))),
        ({"input": 99}, (100, "charged", RatingDetail(minimum_applied=True))),
        ({"input": 100}, (100, "charged", None)),
        ({"input": 101}, (101, "charged", None)),
        ({"output": 10**9}, (0, "price_zero", None)),
        ({"input": 0}, (0, "no_usage", None)),
        ({"images": 1}, (0, "bucket_unpriced", None)),
    ],
)
def test_a_minimum_raises_a_positive_amount_and_never_makes_one_of_nothing(
    counts: dict[str, int], expected: tuple[Any, ...]
) -> None:
    choice = choice_of(policy(minimum_charge=100), per_million={"input": "0.001", "output": "0"})
    assert rated(choice, **counts) == expected


@pytest.mark.rule("U10")
def test_what_would_round_to_zero_is_raised_to_the_minimum() -> None:
    choice = choice_of(policy(minimum_charge=7), per_million={"input": "0.0000001"})
    assert rated(choice, input=1)[:2] == (7, "charged")


@pytest.mark.rule("U10")
def test_the_minimum_comes_after_the_margin() -> None:
    settings = policy(minimum_charge=100, margin=multiplier("2"))
    choice = choice_of(settings, price_list="cost", per_million={"input": "0.001"})
    assert [rated(choice, input=tokens)[0] for tokens in (49, 50, 51)] == [100, 100, 102]


def policies(*each: PricingPolicySet) -> Policies:
    folded = Policies()
    for position, one in enumerate(each, start=1):
        folded.apply(one, position)
    return folded


EVERYWHERE = policy(margin=multiplier("2"))
OPENAI = policy(margin=multiplier("3"), model="openai/*")
LARGE = policy(margin=multiplier("4"), model="openai/gpt-*")
EXACT = policy(margin=multiplier("5"), model="openai/gpt-5")
OWN = policy(margin=multiplier("6"), **OF_ACCOUNT)
OWN_OPENAI = policy(margin=multiplier("7"), model="openai/*", **OF_ACCOUNT)
OTHERS = policy(margin=multiplier("8"), account_tenant="acme", account_id="other")
NAMESAKE = policy(margin=multiplier("9"), account_tenant="umbrella", account_id="main")


@pytest.mark.rule("P8")
@pytest.mark.parametrize(
    ("set_", "model", "factor"),
    [
        ([], "openai/gpt-5", None),
        ([EVERYWHERE], "openai/gpt-5", "2"),
        ([OPENAI, EVERYWHERE], "openai/gpt-5", "3"),
        ([LARGE, OPENAI], "openai/gpt-5", "4"),
        ([OPENAI, LARGE], "openai/gpt-5", "4"),
        ([OPENAI, LARGE], "openai/o3", "3"),
        ([EXACT, LARGE], "openai/gpt-5", "5"),
        ([EXACT, EVERYWHERE], "openai/gpt-5-mini", "2"),
        ([OWN, EXACT, EVERYWHERE], "openai/gpt-5", "6"),
        ([OWN_OPENAI, OWN, EXACT], "openai/gpt-5", "7"),
        ([OWN_OPENAI, OWN, EXACT], "other/gpt-5", "6"),
        ([OTHERS, NAMESAKE], "openai/gpt-5", None),
        ([OTHERS, EVERYWHERE], "openai/gpt-5", "2"),
    ],
)
def test_the_accounts_before_the_general_and_the_longest_pattern_wins(
    set_: list[PricingPolicySet], model: str, factor: str | None
) -> None:
    found = policies(*set_).of(ACCOUNT, model, END)
    assert (found.margin.value if found.margin else None) == factor


@pytest.mark.rule("P8")
def test_each_setting_is_looked_up_by_itself() -> None:
    own = policy(minimum_charge=7, **OF_ACCOUNT)
    general = policy(margin=multiplier("2"), minimum_charge=1, unpriced="allow", byok_fee=3, charge_failed=True)
    found = policies(own, general).of(ACCOUNT, "any", END)
    assert (found.margin, found.minimum_charge, found.unpriced) == (multiplier("2"), 7, "allow")
    assert (found.byok_fee, found.charge_failed) == (3, True)


@pytest.mark.rule("P8")
def test_a_pattern_is_a_text_in_which_only_the_star_stands_for_others() -> None:
    dotted = policy(margin=multiplier("2"), model="gpt-4.1*")
    assert policies(dotted).of(None, "gpt-4x1", END).margin is None
    assert policies(dotted).of(None, "gpt-4.1-mini", END).margin == multiplier("2")


@pytest.mark.rule("P2")
def test_what_was_set_later_than_is_known_is_not_seen() -> None:
    both = policies(policy(margin=multiplier("2")), policy(margin=multiplier("3")))
    assert [both.of(None, "any", position).margin for position in (0, 1, 2)] == [
        None,
        multiplier("2"),
        multiplier("3"),
    ]
