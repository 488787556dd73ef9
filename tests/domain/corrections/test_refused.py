"""What cannot be corrected, and with which code; nothing changes then (U16)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.corrections.corrected import account, correct, corrected, corrections
from domain.rehearsal import Rehearsal
from domain.usage.metered_ledger import record
from usage_ledger.refusals import InvalidInput


@pytest.mark.rule("U16")
def test_voiding_twice_is_already_void(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"})
    corrected(ledger, void=True)
    assert correct(ledger, void=True).code == "already_void"
    assert correct(ledger, usage={"input_tokens": 1}).code == "already_void"
    assert len(corrections(ledger)) == 1


@pytest.mark.parametrize("named", [{"item": "a2"}, {"source": "other"}])
def test_an_attempt_that_was_never_booked_is_not_found(ledger: Rehearsal, named: dict[str, str]) -> None:
    record(ledger, {"id": "a1"})
    assert correct(ledger, **({"void": True} | named)).code == "attempt_not_found"


def test_an_attempt_that_waits_is_not_found_among_the_booked(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "workspace_id": "new"})
    assert correct(ledger, void=True).code == "attempt_not_found"


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_correction_needs_a_reason(ledger: Rehearsal, reason: str) -> None:
    record(ledger, {"id": "a1"})
    assert correct(ledger, void=True, reason=reason).code == "missing_reason"


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({}, "missing_field", ""),
        ({"void": True, "usage": {}}, "invalid_value", ""),
        ({"usage": {"furlongs": 1}}, "unknown_unit", "/usage"),
        ({"usage": {"input_tokens": -1}}, "invalid_quantity", "/usage"),
        ({"raw_usage": {"prompt_tokens": 1}}, "missing_field", "/api_flavor"),
        ({"api_flavor": "openai"}, "missing_field", ""),
        ({"usage": {}, "api_flavor": "openai"}, "missing_field", "/raw_usage"),
        ({"usage": {}, "raw_usage": {"prompt_tokens": 1}, "api_flavor": "openai"}, "invalid_value", "/usage"),
        ({"raw_usage": {}, "api_flavor": "openai"}, "inconsistent_usage", "/raw_usage"),
        ({"reported_cost": {"amount": "-1", "currency": "USD"}}, "invalid_quantity", "/reported_cost/amount"),
    ],
)
def test_content_that_cannot_be_understood_is_invalid_input(
    ledger: Rehearsal, fields: dict[str, Any], code: str, pointer: str
) -> None:
    record(ledger, {"id": "a1"})
    invalid = correct(ledger, **fields)
    assert isinstance(invalid, InvalidInput)
    assert (invalid.code, invalid.pointer) == (code, pointer)


def test_a_charge_beyond_64_bits_is_refused_and_changes_nothing(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"})
    before = account(ledger)
    assert correct(ledger, usage={"input_tokens": 2**63 - 1}).code == "amount_out_of_range"
    assert account(ledger) == before
