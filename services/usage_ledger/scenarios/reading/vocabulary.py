"""Every command that a scenario of ``ledger-cases/1`` may name, with its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from usage_ledger.scenarios.reading.account_words import ACCOUNT_WORDS
from usage_ledger.scenarios.reading.call_words import CALL_WORDS
from usage_ledger.scenarios.reading.command_words import command
from usage_ledger.scenarios.reading.fields import Kind, label, money, text, time

COMMANDS: Final[Mapping[str, Kind]] = {
    **ACCOUNT_WORDS,
    **CALL_WORDS,
    "AdvanceClock": command({"to": time}, "to"),
    "TamperLine": command({"entry_of": label, "code": text, "amount": money}, *("entry_of", "code", "amount")),
}
