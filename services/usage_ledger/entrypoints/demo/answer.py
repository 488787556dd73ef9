"""The demo's answer for programs."""

from usage_ledger.entrypoints.demo.performance import Outcome
from usage_ledger.gateway.tally import Tally
from usage_ledger.money import format_amount


def demo_answer(outcome: Outcome) -> dict[str, object]:
    """About the trace only; ``view_…`` are read from the views. Money is decimal text."""
    tally, view = outcome.tally, outcome.views.trace
    return {
        **_counts(tally),
        "input_tokens": outcome.survey.input_tokens,
        "output_tokens": outcome.survey.output_tokens,
        "charged": format_amount(tally.charged),
        "view_items": view.items,
        "view_input_tokens": view.input_tokens,
        "view_output_tokens": view.output_tokens,
        "view_charged": format_amount(view.charged),
        "lost": tally.accepted - view.items,
        "seconds": round(outcome.seconds, 3),
        "hostile": {
            **_counts(outcome.hostile.tally),
            "charged": format_amount(outcome.hostile.tally.charged),
            "answers": outcome.hostile.answers,
        },
    }


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "items": tally.items,
        "accepted": tally.accepted,
        "duplicates": tally.duplicates,
        "conflicts": tally.conflicts,
        "quarantined": tally.quarantined,
        "rejected": tally.rejected,
    }
