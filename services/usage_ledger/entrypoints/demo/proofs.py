"""What the demo claims, each claim with the two numbers that must be equal."""

from collections.abc import Sequence
from typing import NamedTuple

from usage_ledger.entrypoints.demo.performance import Outcome
from usage_ledger.entrypoints.demo.scene import CREDITED_NANO
from usage_ledger.money import format_amount


class Proof(NamedTuple):
    """A claim. It holds if both sides are equal."""

    claim: str
    left: str
    right: str

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.left == self.right


def proofs(outcome: Outcome) -> Sequence[Proof]:
    """All claims; the demo succeeded if all hold."""
    tally, trace, survey = outcome.tally, outcome.views.trace, outcome.survey
    return (
        _counts("calls in the file = calls answered", survey.rows, tally.items),
        _counts("calls accepted = calls in the views", tally.accepted, trace.items),
        _counts("input tokens accepted = in the views", tally.input_tokens, trace.input_tokens),
        _counts("output tokens accepted = in the views", tally.output_tokens, trace.output_tokens),
        _amounts("charged in the answers = in the views", tally.charged, trace.charged),
        _money(outcome),
        Proof("a call beyond the credit is refused until it is paid for", "yes", _yes(outcome.limit.is_as_expected)),
        _amounts("still held after every hold is settled", 0, outcome.views.held),
        Proof("hostile items = answered as the rules say", *_hostile(outcome)),
        _counts("hostile items accepted = in the views", outcome.hostile.tally.accepted, outcome.views.hostile.items),
    )


def _money(outcome: Outcome) -> Proof:
    """Nothing appears and nothing vanishes: what came in, minus what was charged, is what the accounts have."""
    charged = outcome.tally.charged + outcome.hostile.tally.charged + outcome.limit.charged
    balances = sum(account.posted for account in outcome.views.accounts)
    return _amounts("grants + purchases - charged = balances", CREDITED_NANO - charged, balances)


def _hostile(outcome: Outcome) -> tuple[str, str]:
    hostile = outcome.hostile
    as_expected = sum(hostile.answers[name] == answer for name, answer in hostile.expected.items())
    return f"{len(hostile.expected)}", f"{as_expected}"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _counts(claim: str, left: int, right: int) -> Proof:
    return Proof(claim, f"{left:,}", f"{right:,}")


def _amounts(claim: str, left: int, right: int) -> Proof:
    return Proof(claim, format_amount(left), format_amount(right))
