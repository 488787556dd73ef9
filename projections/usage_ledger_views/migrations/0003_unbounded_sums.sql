-- What adds up over usage items may pass 64 bits: one item may count 2^63 - 1 tokens. Runs before the code that needs it.
ALTER TABLE views.usage_daily
    ALTER COLUMN charged TYPE numeric,
    ALTER COLUMN provider_cost TYPE numeric,
    ALTER COLUMN input_tokens TYPE numeric,
    ALTER COLUMN cache_read_tokens TYPE numeric,
    ALTER COLUMN cache_write_5m_tokens TYPE numeric,
    ALTER COLUMN cache_write_1h_tokens TYPE numeric,
    ALTER COLUMN output_tokens TYPE numeric,
    ALTER COLUMN reasoning_tokens TYPE numeric,
    ALTER COLUMN audio_input_tokens TYPE numeric,
    ALTER COLUMN audio_output_tokens TYPE numeric,
    ALTER COLUMN image_input_tokens TYPE numeric,
    ALTER COLUMN image_output_tokens TYPE numeric,
    ALTER COLUMN images TYPE numeric,
    ALTER COLUMN request_units TYPE numeric,
    ALTER COLUMN characters TYPE numeric,
    ALTER COLUMN audio_milliseconds TYPE numeric,
    ALTER COLUMN searches TYPE numeric;
