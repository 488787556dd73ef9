"""Choice and rating against a model that is deliberately simple: it looks at every fact for every question."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.pricing.published import published
from domain.pricing.rated import policy
from usage_ledger.pricing.events import Margin, ModelMapped, PriceVersionPublished, PriceVersionWithdrawn
from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.pricing.price_book import PriceBook
from usage_ledger.pricing.rating import rate, rate_cost_plus
from usage_ledger.recorded_event import EventPayload

MODELS = ("a/one", "a/two", "b/one")
NAMES = (*MODELS, "latest")
ACCOUNTS = (None, ("acme", "main"), ("acme", "other"))
INSTANTS = st.integers(0, 9)
FEMTO = st.sampled_from([0, 1, 300_000, 500_000, 1_500_000, 2_500_000_000])


class Asked(NamedTuple):
    """A usage of one bucket, and at which position of the facts it is asked."""

    model: str
    account: tuple[str, str] | None
    occurred_at: int
    known_at: int
    tokens: int


def _versions() -> st.SearchStrategy[EventPayload]:
    return st.builds(
        lambda number, model, price_list, account, currency, since, until, femto, per_request: published(
            f"v{number}",
            {"input": femto},
            model=model,
            list=price_list,
            currency=currency,
            account_tenant=account and account[0],
            account_id=account and account[1],
            effective_from=since,
            effective_to=None if until is None else since + until,
            per_request=per_request,
        ),
        st.integers(0, 3),
        st.sampled_from(MODELS),
        st.sampled_from(("sell", "cost")),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(("USD", "USD", "EUR")),
        INSTANTS,
        st.none() | st.integers(1, 5),
        FEMTO,
        st.none() | FEMTO,
    )


def _policies() -> st.SearchStrategy[EventPayload]:
    margins = st.builds(
        Margin, st.sampled_from(("multiplier", "percent")), st.sampled_from(("1", "1.5", "0.333333333", "40"))
    )
    return st.builds(
        lambda account, model, margin, minimum: policy(
            account_tenant=account and account[0],
            account_id=account and account[1],
            model=model,
            margin=margin,
            minimum_charge=minimum,
        ),
        st.sampled_from(ACCOUNTS),
        st.sampled_from((None, "a/*", "a/o*", "*", "b/one")),
        st.none() | margins,
        st.none() | st.sampled_from((0, 1, 7)),
    )


FACTS: st.SearchStrategy[list[EventPayload]] = st.lists(
    _versions()
    | _policies()
    | st.builds(PriceVersionWithdrawn, st.sampled_from(["v0", "v1"]), st.sampled_from(MODELS), st.just("r"))
    | st.builds(ModelMapped, st.just("latest"), st.sampled_from(MODELS), INSTANTS),
    max_size=14,
)


@pytest.mark.rule("P2")
@pytest.mark.rule("P8")
@settings(max_examples=400, deadline=None)
@given(FACTS, st.data())
def test_the_book_answers_as_a_look_at_every_fact_does(facts: list[EventPayload], data: st.DataObject) -> None:
    book = PriceBook()
    for recorded_at, fact in enumerate(facts):
        book.apply(fact, recorded_at)
    for _ in range(3):
        asked = Asked(
            data.draw(st.sampled_from(NAMES)),
            data.draw(st.sampled_from(ACCOUNTS)),
            data.draw(INSTANTS),
            data.draw(st.integers(0, len(facts))),
            data.draw(st.sampled_from((0, 1, 3, 1_000))),
        )
        known_at = None if asked.known_at == len(facts) else asked.known_at
        choice = book.choose(asked.model, None, "USD", asked.account, asked.occurred_at, known_at)
        rated = rate(choice, asked.tokens, 0, 0)
        assert rated == _simply_rated(facts[: asked.known_at], asked)
        if choice.is_cost_plus:
            assert rate_cost_plus(choice, asked.tokens, 0, 0)[0][:2] == rated


def _simply_rated(facts: list[EventPayload], asked: Asked) -> tuple[int, str]:
    model = _resolved(facts, asked)
    versions = [
        (place, fact)
        for place, fact in enumerate(facts)
        if isinstance(fact, PriceVersionPublished)
        and fact.model == model
        and fact.effective_from <= asked.occurred_at
        and (fact.effective_to is None or asked.occurred_at < fact.effective_to)
        and (fact.account_id is None or (fact.account_tenant, fact.account_id) == asked.account)
        and not any(
            isinstance(later, PriceVersionWithdrawn) and (later.model, later.version) == (fact.model, fact.version)
            for later in facts
        )
    ]
    in_dollars = [each for each in versions if each[1].currency == "USD"]
    margin = _setting(facts, asked.account, model, "margin")
    usable = [each for each in in_dollars if each[1].list == "sell" or margin]
    if not usable:
        return 0, "no_margin_rule" if in_dollars else "no_price_in_currency" if versions else "no_price"
    _, price = max(usable, key=lambda each: (each[1].list == "sell", each[1].account_id is not None, each[0]))
    return _amount(price, margin if price.list == "cost" else None, facts, asked, model)


def _amount(
    price: PriceVersionPublished, margin: Margin | None, facts: list[EventPayload], asked: Asked, model: str
) -> tuple[int, str]:
    femto = Fraction(asked.tokens * price.price.unit_prices[0].femto_per_unit + (price.price.per_request_femto or 0))
    if margin:
        value = Fraction(margin.value)
        femto *= value if margin.type == "multiplier" else 1 + value / 100
    exact = femto / 10**6
    if not exact:
        return 0, "price_zero" if asked.tokens else "no_usage"
    minimum = _setting(facts, asked.account, model, "minimum_charge") or 0
    if exact < minimum:
        return minimum, "charged"
    nano = int((Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_EVEN))
    return nano, "charged" if nano else "rounds_to_zero"


def _resolved(facts: list[EventPayload], asked: Asked) -> str:
    mapped = [
        fact.model
        for fact in facts
        if isinstance(fact, ModelMapped) and fact.alias == asked.model and fact.effective_from <= asked.occurred_at
    ]
    return mapped[-1] if mapped else asked.model


def _setting(facts: list[EventPayload], account: tuple[str, str] | None, model: str, name: str) -> Any:
    found: dict[tuple[bool, int, bool], Any] = {}
    for fact in facts:
        if not isinstance(fact, PricingPolicySet) or not _fits(fact, account, model):
            continue
        # A later policy of the same scope replaces the one before it, also where it says nothing.
        found[fact.account_id is not None, len(fact.model or ""), fact.model == model] = getattr(fact, name)
    values = [found[scope] for scope in sorted(found, reverse=True) if found[scope] is not None]
    return values[0] if values else None


def _fits(fact: PricingPolicySet, account: tuple[str, str] | None, model: str) -> bool:
    is_ours = fact.account_id is None or (fact.account_tenant, fact.account_id) == account
    pattern = re.escape(fact.model or "*").replace(r"\*", ".*")
    return is_ours and re.fullmatch(pattern, model) is not None
