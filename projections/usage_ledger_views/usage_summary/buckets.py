"""The quantity columns of ``views.usage_summary``."""

QUANTITIES = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
    "images",
    "request_units",
    "characters",
    "audio_milliseconds",
    "searches",
)
"""One column a bucket (U7), in the bucket's unit; ``request_units`` is the bucket ``requests``."""
