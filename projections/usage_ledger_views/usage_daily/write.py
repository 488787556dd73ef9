"""Writes what a batch adds to its days."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.usage_daily.apply import DayChanges

# Every measure adds up, beyond 64 bits if need be; the time of the last item is the latest of both.
_UPSERT: LiteralString = """
    INSERT INTO views.usage_daily AS daily
           (tenant, day, account_id, workspace_id, provider, model, mode, credential, currency, requests, charged,
            provider_cost, unpriced, route_mismatches, last_occurred_at, input_tokens, cache_read_tokens,
            output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, reasoning_tokens, audio_input_tokens,
            audio_output_tokens, image_input_tokens, image_output_tokens, images, request_units, characters,
            audio_milliseconds, searches)
    SELECT tenant, date '1970-01-01' + day, account_id, workspace_id, provider, model, mode, credential, currency,
           m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21
      FROM unnest(%b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                  %b::text[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[],
                  %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[],
                  %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[],
                  %b::numeric[], %b::numeric[], %b::numeric[], %b::numeric[])
           AS added (tenant, day, account_id, workspace_id, provider, model, mode, credential, currency,
                     m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21)
    ON CONFLICT (tenant, day, account_id, workspace_id, provider, model, mode, credential, currency) DO UPDATE
       SET requests = daily.requests + excluded.requests,
           charged = daily.charged + excluded.charged,
           provider_cost = daily.provider_cost + excluded.provider_cost,
           unpriced = daily.unpriced + excluded.unpriced,
           route_mismatches = daily.route_mismatches + excluded.route_mismatches,
           last_occurred_at = greatest(daily.last_occurred_at, excluded.last_occurred_at),
           input_tokens = daily.input_tokens + excluded.input_tokens,
           cache_read_tokens = daily.cache_read_tokens + excluded.cache_read_tokens,
           output_tokens = daily.output_tokens + excluded.output_tokens,
           cache_write_5m_tokens = daily.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
           cache_write_1h_tokens = daily.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
           reasoning_tokens = daily.reasoning_tokens + excluded.reasoning_tokens,
           audio_input_tokens = daily.audio_input_tokens + excluded.audio_input_tokens,
           audio_output_tokens = daily.audio_output_tokens + excluded.audio_output_tokens,
           image_input_tokens = daily.image_input_tokens + excluded.image_input_tokens,
           image_output_tokens = daily.image_output_tokens + excluded.image_output_tokens,
           images = daily.images + excluded.images,
           request_units = daily.request_units + excluded.request_units,
           characters = daily.characters + excluded.characters,
           audio_milliseconds = daily.audio_milliseconds + excluded.audio_milliseconds,
           searches = daily.searches + excluded.searches
"""


def write(cursor: Cursor[Any], days: DayChanges) -> None:
    """Raises psycopg.Error."""
    if days:
        cursor.execute(_UPSERT, columns((*key, *days[key]) for key in sorted(days)))
