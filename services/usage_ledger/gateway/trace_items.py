"""Makes a usage item of each call of a trace, which says neither who called nor which model answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from usage_ledger.gateway.trace import TraceRow
from usage_ledger.usage.item import UsageItem


class Model(NamedTuple):
    """A model by its name and, where it is known, its provider."""

    name: str
    provider: str | None = None


class Assignment(NamedTuple):
    """Who is to have made the calls: call n goes to workspace n mod W, and to model (n div W) mod M.

    ``tenant`` is for gateway keys, which name the tenant of each item.
    """

    workspaces: Sequence[str]
    models: Sequence[Model]
    tenant: str | None = None


def trace_item(row: TraceRow, assignment: Assignment, now: datetime) -> UsageItem:
    """The call as if made now; the time that the trace has for it is the tag ``trace_time``.

    A trace is older than the ledger takes usage for, and its order is what counts.
    """
    turn, workspace = divmod(row.number, len(assignment.workspaces))
    model = assignment.models[turn % len(assignment.models)]
    return UsageItem(
        id=row.attempt_id,
        workspace_id=assignment.workspaces[workspace],
        occurred_at=now,
        model=model.name,
        provider=model.provider,
        usage={"input_tokens": row.context_tokens, "output_tokens": row.generated_tokens},
        tenant=assignment.tenant,
        tags={"trace_time": row.timestamp},
    )
