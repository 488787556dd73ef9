"""Writes terms and top-ups: what was set and triggered before what became of it, because one batch may do both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.topups.apply import TopupChanges

# Terms as they were set last.
_SET: Final = """
    INSERT INTO views.topup_terms
           (tenant, account_id, threshold, amount, monthly_cap, enabled, failures, currency, schedule, position)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bool[], %b::int[],
                         %b::text[], %b::text[], %b::bigint[])
    ON CONFLICT (tenant, account_id) DO UPDATE
       SET threshold = excluded.threshold, amount = excluded.amount, monthly_cap = excluded.monthly_cap,
           enabled = excluded.enabled, failures = excluded.failures, currency = excluded.currency,
           schedule = excluded.schedule, position = excluded.position
"""

# How they stand after something became of a top-up.
_STAND: Final = """
    UPDATE views.topup_terms AS terms
       SET enabled = coalesce(stands.enabled, terms.enabled), failures = stands.failures, position = stands.position
      FROM unnest(%b::text[], %b::text[], %b::bool[], %b::int[], %b::bigint[])
           AS stands (tenant, account_id, enabled, failures, position)
     WHERE terms.tenant = stands.tenant AND terms.account_id = stands.account_id
"""

# One that is triggered again is in flight again.
_TRIGGER: Final = """
    INSERT INTO views.topups
           (tenant, account_id, topup_id, amount, currency, trigger, state, triggered_at, triggered_position,
            lease_until, position)
    SELECT tenant, account_id, topup_id, amount, currency, trigger, 'in_flight', triggered_at, triggered_position,
           lease_until, triggered_position
      FROM unnest(%b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[], %b::text[], %b::bigint[], %b::bigint[],
                  %b::bigint[])
           AS triggered (tenant, account_id, topup_id, amount, currency, trigger, triggered_at, triggered_position,
                         lease_until)
    ON CONFLICT (tenant, account_id, topup_id) DO UPDATE
       SET amount = excluded.amount, currency = excluded.currency, trigger = excluded.trigger, state = excluded.state,
           triggered_at = excluded.triggered_at, triggered_position = excluded.triggered_position,
           lease_until = excluded.lease_until, position = excluded.position
"""

_BECAME: Final = """
    UPDATE views.topups AS topup
       SET state = became.state, reason = became.reason, payment_ref = became.payment_ref, position = became.position
      FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[])
           AS became (tenant, account_id, topup_id, state, reason, payment_ref, position)
     WHERE topup.tenant = became.tenant AND topup.account_id = became.account_id AND topup.topup_id = became.topup_id
"""


def write(cursor: Cursor[Any], changes: TopupChanges) -> None:
    """Raises psycopg.Error."""
    steps: tuple[tuple[LiteralString, Mapping[Any, Any]], ...] = (
        (_SET, changes.terms),
        (_STAND, changes.standing),
        (_TRIGGER, changes.triggered),
        (_BECAME, changes.became),
    )
    for statement, rows in steps:
        if rows:
            cursor.execute(statement, columns((*key, *row) for key, row in sorted(rows.items())))
