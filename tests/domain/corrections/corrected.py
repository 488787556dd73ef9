"""Corrections as tests ask for them, and what an account has come to."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.rehearsal import Rehearsal, answer_of
from domain.usage.metered_ledger import ACCOUNT
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.submission import Outcome
from usage_ledger.usage.corrections.commands import CorrectUsage

NANO = 10**9


def correct(ledger: Rehearsal, item: str = "a1", **fields: Any) -> Outcome:
    sent = {"item": item, "source": "gw", "reason": "counted again"} | fields
    return ledger.when(msgspec.convert(sent, CorrectUsage))


def corrected(ledger: Rehearsal, item: str = "a1", **fields: Any) -> dict[str, Any]:
    """The answer of a correction that must be accepted."""
    outcome = correct(ledger, item, **fields)
    assert outcome.outcome == "accepted", outcome
    return answer_of(outcome)


def corrections(ledger: Rehearsal, stream_id: str = ACCOUNT) -> list[UsageCorrected]:
    return [event for event in ledger.events(stream_id) if isinstance(event, UsageCorrected)]


def account(ledger: Rehearsal, stream_id: str = ACCOUNT) -> Account:
    """Folded from what is stored."""
    state = Account()
    for envelope, payload in ledger.recorded(stream_id):
        state.apply(payload, envelope.recorded_at)
    return state


def lots(ledger: Rehearsal, stream_id: str = ACCOUNT) -> dict[str, int]:
    return {lot.lot: lot.remaining for lot in account(ledger, stream_id).lots}
