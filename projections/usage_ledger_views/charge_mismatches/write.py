"""Writes the mismatches of a batch."""

from __future__ import annotations

from typing import Any, Final

from psycopg import Cursor

from usage_ledger_views.charge_mismatches.apply import MismatchChanges
from usage_ledger_views.charge_mismatches.rows import AttemptName, KeptUsage, Mismatch, refused
from usage_ledger_views.columns import columns

# Items that waited before this batch. Quarantine is written after this view, so they are there whatever became of them.
_WAITED: Final = """
    SELECT item.tenant, item.source, item.attempt_id,
           item.workspace_id, item.amount_at_risk, item.currency, item.occurred_at, item.raw
      FROM unnest(%b::text[], %b::text[], %b::text[]) AS asked (tenant, source, attempt_id)
      JOIN views.quarantine AS item
        ON item.tenant = asked.tenant AND item.source = asked.source AND item.attempt_id = asked.attempt_id
           AND item.disposition = 'waiting'
"""

# What was voided was paid for by nobody.
_VOID: Final = """
    DELETE FROM views.charge_mismatches AS row
     USING unnest(%b::text[], %b::text[], %b::text[]) AS void (tenant, source, attempt_id)
     WHERE row.tenant = void.tenant AND row.source = void.source AND row.attempt_id = void.attempt_id
"""

# One that is there already was corrected, rated, or refused again: it keeps its place in the list.
_PUT: Final = """
    INSERT INTO views.charge_mismatches AS row
           (tenant, source, attempt_id, kind, workspace_id, account_id, run_id, mode, mode_source, policy,
            registry_version, credential, provider, model, input_tokens, cache_read_tokens, output_tokens, charged,
            currency, provider_cost, cost_currency, exposure, exposure_currency, occurred_at, recorded_at, position,
            place)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                         %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                         %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::bigint[],
                         %b::text[], %b::bigint[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::int[])
    ON CONFLICT (tenant, source, attempt_id) DO UPDATE
       SET kind = excluded.kind, workspace_id = excluded.workspace_id, account_id = excluded.account_id,
           run_id = excluded.run_id, mode = excluded.mode, mode_source = excluded.mode_source,
           policy = excluded.policy, registry_version = excluded.registry_version, credential = excluded.credential,
           provider = excluded.provider, model = excluded.model, input_tokens = excluded.input_tokens,
           cache_read_tokens = excluded.cache_read_tokens, output_tokens = excluded.output_tokens,
           charged = excluded.charged, currency = excluded.currency, provider_cost = excluded.provider_cost,
           cost_currency = excluded.cost_currency, exposure = excluded.exposure,
           exposure_currency = excluded.exposure_currency, occurred_at = excluded.occurred_at
"""


def write(cursor: Cursor[Any], changes: MismatchChanges) -> None:
    """Raises psycopg.Error."""
    rows = {**changes.rows, **_refused_later(cursor, changes)}
    void = sorted(name for name, row in rows.items() if row is None)
    put = sorted((*name, *row) for name, row in rows.items() if row is not None)
    if void:
        cursor.execute(_VOID, columns(void))
    if put:
        cursor.execute(_PUT, columns(put))


def _refused_later(cursor: Cursor[Any], changes: MismatchChanges) -> dict[AttemptName, Mismatch]:
    later = changes.refused_later
    if not later:
        return {}
    found = cursor.execute(_WAITED, columns(sorted(later))).fetchall()
    waited = {AttemptName(*row[:3]): KeptUsage(*row[3:]) for row in found}
    return {name: refused(kept, later[name]) for name, kept in waited.items()}
