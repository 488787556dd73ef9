"""Writes what a batch adds to its hours."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.usage_summary.apply import UsageChanges

# Every measure adds up, beyond 64 bits if need be; the time of the last item is the latest of both.
_UPSERT: LiteralString = """
    INSERT INTO views.usage_summary AS summed
           (tenant, day, hour, account_id, workspace_id, user_id, key_id, provider, model, mode, credential, currency,
            requests, charged, provider_cost, unpriced, route_mismatches, last_occurred_at, input_tokens,
            cache_read_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, reasoning_tokens,
            audio_input_tokens, audio_output_tokens, image_input_tokens, image_output_tokens, images, request_units,
            characters, audio_milliseconds, searches)
    SELECT tenant, date '1970-01-01' + day, hour, account_id, workspace_id, user_id, key_id, provider, model, mode,
           credential, currency, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
           m20, m21
      FROM unnest(%b::text[], %b::int[], %b::int2[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                  %b::text[], %b::text[], %b::text[], %b::text[],
                  %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[],
                  %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[],
                  %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[],
                  %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[])
           AS added (tenant, day, hour, account_id, workspace_id, user_id, key_id, provider, model, mode, credential,
                     currency,
                     m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21)
    ON CONFLICT (tenant, day, hour, account_id, workspace_id, user_id, key_id, provider, model, mode, credential,
                 currency) DO UPDATE
       SET requests = summed.requests + excluded.requests,
           charged = summed.charged + excluded.charged,
           provider_cost = summed.provider_cost + excluded.provider_cost,
           unpriced = summed.unpriced + excluded.unpriced,
           route_mismatches = summed.route_mismatches + excluded.route_mismatches,
           last_occurred_at = greatest(summed.last_occurred_at, excluded.last_occurred_at),
           input_tokens = summed.input_tokens + excluded.input_tokens,
           cache_read_tokens = summed.cache_read_tokens + excluded.cache_read_tokens,
           output_tokens = summed.output_tokens + excluded.output_tokens,
           cache_write_5m_tokens = summed.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
           cache_write_1h_tokens = summed.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
           reasoning_tokens = summed.reasoning_tokens + excluded.reasoning_tokens,
           audio_input_tokens = summed.audio_input_tokens + excluded.audio_input_tokens,
           audio_output_tokens = summed.audio_output_tokens + excluded.audio_output_tokens,
           image_input_tokens = summed.image_input_tokens + excluded.image_input_tokens,
           image_output_tokens = summed.image_output_tokens + excluded.image_output_tokens,
           images = summed.images + excluded.images,
           request_units = summed.request_units + excluded.request_units,
           characters = summed.characters + excluded.characters,
           audio_milliseconds = summed.audio_milliseconds + excluded.audio_milliseconds,
           searches = summed.searches + excluded.searches
"""


def write(cursor: Cursor[Any], changes: UsageChanges) -> None:
    """Raises psycopg.Error."""
    if changes:
        cursor.execute(_UPSERT, columns((*key, *changes[key]) for key in sorted(changes)))
