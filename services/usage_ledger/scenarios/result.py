"""What a command came to, in the words in which a case expects it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from usage_ledger.refusals import InvalidInput
from usage_ledger.submission import Outcome

Result = Mapping[str, Any]

ACCEPTED: Result = {"outcome": "accepted"}
"""Of what is done to the ledger and no command of it."""


def result_of(outcome: Outcome | InvalidInput) -> Result:
    """Outcome and code, what the rule saw when it refused, and the members of the answer.

    A replay of what was accepted is a duplicate; a replayed refusal is the refusal again (U1, U2).
    """
    if isinstance(outcome, InvalidInput):
        return {"outcome": "refused", "code": outcome.code, "detail": outcome.detail, "field": outcome.pointer}
    answer: dict[str, Any] = msgspec.json.decode(outcome.answer)
    is_replay_of_effect = outcome.replayed and outcome.outcome == "accepted"
    told: dict[str, Any] = {
        **answer,
        **_facts(outcome.facts),
        "outcome": "duplicate" if is_replay_of_effect else outcome.outcome,
        "replayed": outcome.replayed,
    }
    if outcome.code is not None:
        told |= {"code": outcome.code, "detail": outcome.detail}
    if "items" in answer:
        told["items"] = [_item(item) for item in answer["items"]]
    return told


def count(results: Iterable[Result]) -> Result:
    """How many had which outcome, and which codes the refusals had."""
    several = list(results)
    counted: dict[str, Any] = dict(Counter(result["outcome"] for result in several))
    codes = Counter(result["code"] for result in several if result["outcome"] == "refused")
    return {**counted, "codes": dict(codes)} if codes else counted


def _facts(facts: Mapping[str, str]) -> dict[str, Any]:
    """Facts are text; several reasons of a refusal have commas between them."""
    told: dict[str, Any] = dict(facts)
    if "reasons" in facts:
        told["reasons"] = [reason.strip() for reason in facts["reasons"].split(",")]
    return told


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"attempt": item["id"], **{name: value for name, value in item.items() if name != "id"}}
