"""Usage that was booked: corrected, voided, rated again."""

from __future__ import annotations

from typing import Any, Final

from usage_ledger.scenarios.translating.asked import Asked, Telling, Translation, made, to
from usage_ledger.scenarios.translating.usage import on_the_wire
from usage_ledger.usage.corrections.commands import CorrectUsage, RerateUsage


def _correct_usage(telling: Telling) -> Asked:
    """By the tenant whose account recorded the attempt, as it came from the command's source."""
    account = telling.cast.account_of_attempt(telling.fields["attempt"])
    values: dict[str, Any] = {**telling.fields, "source": telling.command.source}
    values["item"] = values.pop("attempt")
    if "buckets" in values:
        values["usage"] = on_the_wire(values.pop("buckets"))
    if "reported_cost" in values:
        values["reported_cost"] = {
            "amount": values["reported_cost"],
            "currency": telling.cast.currency(account),
        }
    return Asked(telling.cast.account(account).tenant, made(telling, CorrectUsage, values))


TRANSLATIONS: Final[dict[str, Translation]] = {
    "CorrectUsage": _correct_usage,
    "RerateUsage": to(RerateUsage, account="account_id"),
}
