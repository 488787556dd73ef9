"""From the most that a call can consume to the amount that is reserved for it (H4).

The estimate is rated by the very function that rates the usage later, so that a call within its estimate is settled
within its hold (H8).
"""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.accounts.events import Quantity
from usage_ledger.accounts.holds.commands import Estimate, PlaceHold
from usage_ledger.accounts.holds.events import HoldEstimate
from usage_ledger.deciding import Decision
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.timeline import datetime_of
from usage_ledger.usage.answer import UNPRICED
from usage_ledger.usage.attempt import Attempt, prepare
from usage_ledger.usage.item import UsageItem
from usage_ledger.usage.line_amounts import line_amounts
from usage_ledger.usage.route import Route

_UPPER: Final = "max_"
_NO_MODEL: Final = "unnamed"
_NO_COUNTS: Final = Estimate(_NO_MODEL)


def attempt_ahead(command: PlaceHold, decision: Decision) -> Attempt:
    """The call as the usage item that it may become: its way to a payer is found as that of usage is.

    Raises ``InvalidInput`` with the problem of the reported cost.
    """
    estimate = command.estimate or _NO_COUNTS
    item = UsageItem(
        id=command.hold_id,
        workspace_id=command.workspace_id,
        occurred_at=datetime_of(decision.recorded_at),
        model=estimate.model,
        usage=_upper_counts(estimate),
        provider=estimate.provider,
        reported_cost=estimate.max_reported_cost,
        credential=estimate.credential,
        run_id=command.run_id,
        capability=command.capability,
        attributed_to=command.attributed_to,
    )
    attempt = prepare(item, decision.tenant, decision.source)
    if attempt.problem is not None:
        raise InvalidInput(attempt.problem, "the estimate cannot be rated", "/estimate/max_reported_cost")
    return attempt


def estimated(attempt: Attempt, route: Route) -> tuple[int, HoldEstimate]:
    """Nano-units to reserve at most, and what they were rated from: nothing where the policy admits the unpriced.

    Raises ``Refusal``: ``unpriced_model`` (U12), ``amount_out_of_range``.
    """
    amounts = line_amounts(attempt, route)
    if amounts.outcome in UNPRICED and route.choice.policy.unpriced == "block":
        facts = {"model": attempt.item.model, "reason": amounts.outcome}
        raise Refusal("unpriced_model", "no price is known that could be charged", facts)
    basis = route.choice.basis
    return amounts.charged, HoldEstimate(
        model=basis.model,
        provider=basis.provider,
        buckets=_buckets(attempt),
        outcome=amounts.outcome,
        price_version=basis.charge.version if basis.charge else None,
    )


def _upper_counts(estimate: Estimate) -> dict[str, int]:
    fields = msgspec.structs.asdict(estimate).items()
    return {name.removeprefix(_UPPER): most for name, most in fields if isinstance(most, int) and most}


def _buckets(attempt: Attempt) -> tuple[Quantity, ...]:
    counted = (("input", attempt.input), ("cache_read", attempt.cache_read), ("output", attempt.output))
    return tuple(Quantity(bucket, most) for bucket, most in (*counted, *attempt.others) if most)
