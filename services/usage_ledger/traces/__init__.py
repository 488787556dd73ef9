"""Traces of real traffic that come with the project as data; `README.md` names their source and licence."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

AZURE_CODE_2023: Final[Traversable] = files(__name__) / "azure_llm_code_2023.csv"
"""8,819 calls of a coding service in about 57 minutes."""
