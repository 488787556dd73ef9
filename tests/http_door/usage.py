"""Usage items as a gateway sends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4


def ago(**span: float) -> str:
    """RFC 3339, so long before now."""
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def item(model: str = "no-model", **fields: Any) -> dict[str, Any]:
    """1,000 input tokens and 200 output tokens of workspace ``ws``, just now."""
    usual = {
        "id": f"attempt-{uuid4().hex[:12]}",
        "workspace_id": "ws",
        "occurred_at": ago(),
        "model": model,
        "usage": {"input_tokens": 1_000, "output_tokens": 200},
    }
    return {**usual, **fields}
