"""fastavro as an independent witness: another implementation of the same format."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import fastavro


def reference_encode(document: Mapping[str, Any], record: Any) -> bytes:
    written = io.BytesIO()
    fastavro.schemaless_writer(written, fastavro.parse_schema(dict(document)), record, strict=True)
    return written.getvalue()


def reference_decode(writer: Mapping[str, Any], body: bytes, reader: Mapping[str, Any] | None = None) -> Any:
    parsed_reader = fastavro.parse_schema(dict(reader)) if reader else None
    return fastavro.schemaless_reader(io.BytesIO(body), fastavro.parse_schema(dict(writer)), parsed_reader)
