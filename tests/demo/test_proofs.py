"""The demo says that it is proven only if every figure of the views is that of the input."""

import pytest

from demo.outcomes import CHARGED, LIMIT_STEPS, in_order, views
from usage_ledger.entrypoints.demo.hostile import HostileOutcome
from usage_ledger.entrypoints.demo.limit import LimitOutcome
from usage_ledger.entrypoints.demo.proofs import proofs
from usage_ledger.entrypoints.demo.scene import CREDITED_NANO
from usage_ledger.entrypoints.demo.survey import Survey
from usage_ledger.entrypoints.demo.view_figures import AccountFigures, UsageFigures
from usage_ledger.gateway.tally import Tally


def failing(outcome):
    return [proof.claim for proof in proofs(outcome) if not proof.holds]


def test_all_claims_hold_when_everything_is_in_order():
    assert failing(in_order()) == []


def account(posted):
    return AccountFigures("search-team", "USD", posted, 0, CREDITED_NANO, CHARGED, 2)


SPOILT = [
    (in_order(survey=Survey(4, 300, 30)), "calls in the file = calls answered"),
    (in_order(views=views(trace=UsageFigures(2, 300, 30, CHARGED))), "calls accepted = calls in the views"),
    (in_order(views=views(trace=UsageFigures(3, 299, 30, CHARGED))), "input tokens accepted = in the views"),
    (in_order(views=views(trace=UsageFigures(3, 300, 31, CHARGED))), "output tokens accepted = in the views"),
    (in_order(views=views(trace=UsageFigures(3, 300, 30, CHARGED - 1))), "charged in the answers = in the views"),
    (
        in_order(views=views(accounts=[account(CREDITED_NANO - CHARGED + 1)])),
        "grants + purchases - charged = balances",
    ),
    (
        in_order(hostile=HostileOutcome(Tally(accepted=1), {"ordinary": "duplicate"}, {"ordinary": "accepted"}, "")),
        "hostile items = answered as the rules say",
    ),
    (
        in_order(limit=LimitOutcome(LIMIT_STEPS[:1] * 6, 0, "")),
        "a call beyond the credit is refused until it is paid for",
    ),
    (in_order(views=views(held=1)), "still held after every hold is settled"),
    (in_order(views=views(hostile=UsageFigures(2, 1, 1, 0))), "hostile items accepted = in the views"),
]


@pytest.mark.parametrize(("outcome", "claim"), SPOILT, ids=[claim for _, claim in SPOILT])
def test_one_figure_that_differs_is_named(outcome, claim):
    assert failing(outcome) == [claim]
