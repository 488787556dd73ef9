"""The views against the client's record and against the store: totals of items, tokens and money, and each balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from psycopg import Connection

from chaos.history import History
from chaos.record import Record
from chaos.violation import Violation

_BLOCKED = "SELECT stream_id, reason, detail FROM views.blocked_streams"

_USAGE = """
    SELECT tenant, account_id, workspace_id, model,
           sum(requests)::bigint, sum(input_tokens + cache_read_tokens)::bigint, sum(output_tokens)::bigint,
           sum(charged)::bigint
      FROM views.usage_summary GROUP BY tenant, account_id, workspace_id, model
"""

_BALANCES = "SELECT tenant, account_id, posted FROM views.account_balances"

# A row an event that moved money: how many there are, and what they did to the balance together.
_ENTRIES = """
    SELECT tenant, account_id, count(*), sum(effect)::bigint FROM views.account_entries GROUP BY tenant, account_id
"""

_TRIAL_BALANCE = """
    SELECT coalesce(sum(CASE line ->> 'side' WHEN 'debit' THEN 1 ELSE -1 END * (line ->> 'amount')::numeric), 0)
      FROM views.account_entries AS row, jsonb_array_elements(row.entries) AS entry,
           jsonb_array_elements(entry -> 'lines') AS line
"""

_MODES = "SELECT tenant, workspace_id, mode, policy, registry_version FROM views.workspace_billing"

_STREAMS = "SELECT stream_id, version FROM views.streams"


def view_violations(connection: Connection[Any], record: Record, history: History) -> Iterator[Violation]:
    for stream_id, reason, detail in connection.execute(_BLOCKED):
        yield Violation("no stream is blocked", f"{stream_id}: {reason}, {detail}")
    usage = {tuple(row[:4]): tuple(row[4:]) for row in connection.execute(_USAGE)}
    yield from _differences("usage in the views is the client's", usage, usage_of(record, history))
    balances = {tuple(row[:2]): row[2] for row in connection.execute(_BALANCES) if row[2]}
    yield from _differences("balances in the views are the client's", balances, balances_of(record, history))
    entries = {tuple(row[:2]): tuple(row[2:]) for row in connection.execute(_ENTRIES)}
    stored = {key: (account.entries, account.balance) for key, account in history.accounts.items()}
    yield from _differences("entries in the views are the store's", entries, stored)
    yield from misjudged(record, connection.execute(_MODES).fetchall())
    versions = dict(connection.execute(_STREAMS).fetchall())
    ends = {stream_id: stream.version for stream_id, stream in history.streams.items()}
    yield from _differences("versions in the views are the store's", versions, ends)
    (off,) = connection.execute(_TRIAL_BALANCE).fetchone()
    if off or history.trial_balance:
        yield Violation("the trial balance is zero", f"views {off}, store {history.trial_balance}")


def misjudged(record: Record, modes: Iterable[tuple[Any, ...]]) -> Iterator[Violation]:
    """A row a workspace: who it is, its mode, and what judges it. All of them are paid for by the platform."""
    for row in modes:
        if record.judges is not None and row[2:] != ("platform_managed", *record.judges):
            yield Violation("every workspace learns what judges it", f"{row} and not {record.judges}")


def usage_of(record: Record, history: History) -> dict[tuple[str, ...], tuple[int, ...]]:
    """Items, tokens and charges by tenant, account, workspace and model, of everything that the client was promised."""
    totals: dict[tuple[str, ...], Counter[int]] = {}
    for key in record.acknowledged:
        item = record.items[key]
        if item.is_late and key not in history.lines:
            continue
        place = item.tenant, item.account_id, item.workspace_id, item.model
        figures = enumerate((1, item.input_tokens, item.output_tokens, record.charge_of(item)))
        totals.setdefault(place, Counter()).update(dict(figures))
    return {place: tuple(figures[number] for number in range(4)) for place, figures in totals.items()}


def balances_of(record: Record, history: History) -> dict[tuple[str, str], int]:
    """What was paid in minus what was charged, in nano-units; without accounts that stand at zero."""
    balances = Counter[tuple[str, str]]()
    for key in record.paid:
        purchase = record.purchases[key]
        balances[purchase.tenant, purchase.account_id] += purchase.amount
    for (tenant, account_id, _, _), (_, _, _, charge) in usage_of(record, history).items():
        balances[tenant, account_id] -= charge
    return {key: balance for key, balance in balances.items() if balance}


def _differences(promise: str, found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> Iterator[Violation]:
    for key in found.keys() | expected.keys():
        if found.get(key) != expected.get(key):
            yield Violation(promise, f"{key}: {found.get(key)} for {expected.get(key)}")
