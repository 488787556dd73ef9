"""Which version prices a usage (P2, M7, U11)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.published import MODEL, published
from usage_ledger.pricing.events import PriceVersionPublished
from usage_ledger.pricing.price_book import AccountKey, Choice, PriceBook

ACCOUNT = ("acme", "main")
OWN = {"account_tenant": "acme", "account_id": "main"}


def book_of(*versions: PriceVersionPublished) -> PriceBook:
    book = PriceBook()
    for recorded_at, version in enumerate(versions):
        book.apply(version, recorded_at)
    return book


def choose(book: PriceBook, occurred_at: int = 100, **fields: Any) -> Choice:
    plain: dict[str, Any] = {"model": MODEL, "provider": None, "currency": "USD", "account": ACCOUNT}
    return book.choose(**plain | fields, occurred_at=occurred_at)


def charged_by(choice: Choice) -> str | None:
    return None if choice.charge is None else choice.charge.published.version


@pytest.mark.rule("P2")
@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([published("a"), published("b")], "b"),
        ([published("own", **OWN), published("general")], "own"),
        ([published("sell"), published("cost", list="cost")], "sell"),
        ([published("sell"), published("own-cost", list="cost", **OWN)], "sell"),
        ([published("from-50", effective_from=50), published("from-200", effective_from=200)], "from-50"),
        ([published("open"), published("until-100", effective_to=100)], "open"),
        ([published("open"), published("until-101", effective_to=101)], "until-101"),
        ([published("from-100", effective_from=100)], "from-100"),
        ([published("general"), published("of-other", account_tenant="acme", account_id="other")], "general"),
        ([published("general"), published("of-namesake", account_tenant="umbrella", account_id="main")], "general"),
        ([published("dollar"), published("euro", currency="EUR")], "dollar"),
        ([published("small"), published("large", model="acme/large")], "small"),
    ],
)
def test_the_account_before_the_general_then_the_latest_recorded(
    versions: list[PriceVersionPublished], expected: str
) -> None:
    assert charged_by(choose(book_of(*versions))) == expected


@pytest.mark.rule("P2")
@pytest.mark.parametrize(
    ("provider", "expected"), [("east", "of-east"), ("west", "general"), (None, "of-east"), ("north", "general")]
)
def test_a_provider_narrows_only_where_price_and_usage_name_one(provider: str | None, expected: str) -> None:
    book = book_of(published("general"), published("of-east", provider="east"))
    assert charged_by(choose(book, provider=provider)) == expected


@pytest.mark.rule("P2")
def test_what_is_published_later_supersedes_the_overlap_and_leaves_the_past_answer() -> None:
    book = book_of(published("v1"))
    before = choose(book)
    book.apply(published("v2", effective_from=50), 9)
    assert (charged_by(before), charged_by(choose(book)), charged_by(choose(book, 49))) == ("v1", "v2", "v1")


@pytest.mark.rule("U11")
@pytest.mark.parametrize(
    ("versions", "reason"),
    [
        ([], "no_price"),
        ([published(effective_from=101)], "no_price"),
        ([published(model="acme/large")], "no_price"),
        ([published(provider="west")], "no_price"),
        ([published(account_tenant="acme", account_id="other")], "no_price"),
        ([published(currency="EUR")], "no_price_in_currency"),
        ([published(currency="EUR", list="cost")], "no_price_in_currency"),
        ([published(list="cost")], "no_margin_rule"),
        ([published(list="cost", **OWN), published(currency="EUR")], "no_margin_rule"),
    ],
)
def test_without_a_price_to_charge_the_choice_says_why(versions: list[PriceVersionPublished], reason: str) -> None:
    choice = choose(book_of(*versions), provider="east")
    assert (choice.charge, choice.basis.charge, choice.reason) == (None, None, reason)


@pytest.mark.rule("U8")
@pytest.mark.parametrize(
    ("versions", "cost"),
    [
        ([published("sell")], None),
        ([published("cost", list="cost"), published("sell")], "cost"),
        ([published("own", list="cost", **OWN), published("cost", list="cost")], "own"),
        ([published("cost", list="cost"), published("euro", list="cost", currency="EUR")], "cost"),
        ([published("euro", list="cost", currency="EUR")], "euro"),
    ],
)
def test_the_providers_cost_is_looked_up_beside_in_the_accounts_currency_first(
    versions: list[PriceVersionPublished], cost: str | None
) -> None:
    choice = choose(book_of(*versions))
    assert (choice.cost.published.version if choice.cost else None) == cost


@pytest.mark.rule("U8")
def test_metered_usage_has_a_cost_and_no_charge() -> None:
    book = book_of(published("sell"), published("cost", list="cost"))
    choice = choose(book, currency=None, account=None)
    assert choice.charge is None
    assert choice.cost is not None


def test_the_basis_carries_the_numbers_that_were_applied() -> None:
    book = book_of(published("v1", {"output": 7, "input": 3}, per_request=5, **OWN))
    basis = choose(book, provider="east").basis
    assert (basis.model, basis.provider, basis.cost) == (MODEL, "east", None)
    assert basis.charge is not None
    assert (basis.charge.version, basis.charge.list, basis.charge.account_specific) == ("v1", "sell", True)
    assert [(each.bucket, each.femto_per_unit) for each in basis.charge.unit_prices] == [("input", 3), ("output", 7)]
    assert basis.charge.per_request_femto == 5


def test_the_same_choice_is_handed_out_until_a_boundary_or_a_new_price() -> None:
    book = book_of(published("a", effective_from=10, effective_to=20))
    assert choose(book, 10) is choose(book, 19)
    assert choose(book, 20) is not choose(book, 19)
    before = choose(book, 15)
    book.apply(published("b"), 9)
    assert charged_by(choose(book, 15)) == "b"
    assert charged_by(before) == "a"


VERSIONS = st.lists(
    st.builds(
        published,
        version=st.uuids().map(str),
        list=st.sampled_from(["sell", "cost"]),
        currency=st.sampled_from(["USD", "EUR"]),
        provider=st.sampled_from([None, "east"]),
        account_tenant=st.just("acme"),
        account_id=st.sampled_from([None, "main"]),
        effective_from=st.integers(0, 20),
        effective_to=st.one_of(st.none(), st.integers(1, 20)),
    ),
    max_size=8,
)
USAGES = st.lists(
    st.tuples(st.integers(-1, 21), st.sampled_from(["USD", "EUR"]), st.sampled_from([None, ACCOUNT])), max_size=12
)


@pytest.mark.rule("P2")
@given(VERSIONS, USAGES)
def test_what_is_remembered_never_answers_otherwise(
    versions: list[PriceVersionPublished], usages: list[tuple[int, str, AccountKey | None]]
) -> None:
    book = book_of(*versions)
    for occurred_at, currency, account in usages:
        fresh = choose(book_of(*versions), occurred_at, currency=currency, account=account)
        assert choose(book, occurred_at, currency=currency, account=account) == fresh
