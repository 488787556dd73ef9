"""The named statements of ``statements.sql``."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import LiteralString, cast

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def _load() -> dict[str, LiteralString]:
    text = files("usage_ledger.adapters.postgres").joinpath("statements.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    return {
        name: cast("LiteralString", _without_comments(sql)) for name, sql in zip(parts[::2], parts[1::2], strict=True)
    }


def _without_comments(sql: str) -> str:
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--")).strip()


SQL = _load()
"""Statement text by name. Part of the package, never built from input."""
