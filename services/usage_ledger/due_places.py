"""What stands in the account's place where something is due that is no account's."""

from __future__ import annotations

from typing import Final

GOVERNANCE_DUE: Final = "/governance"
"""A slash is in no account's id."""
