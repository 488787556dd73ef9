"""Finds the stack that `usage-ledger up` runs in a folder."""

import os
from pathlib import Path

from usage_ledger.settings import SETTINGS_FILE_VARIABLE

SETTINGS_FILE = "settings.toml"


def use_stack_in(data: Path) -> None:
    """Makes this process, and those that it starts, use the connections that `up` wrote into its data folder."""
    os.environ[SETTINGS_FILE_VARIABLE] = str(data / SETTINGS_FILE)
