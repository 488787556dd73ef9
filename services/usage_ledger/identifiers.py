"""The shapes of ids and names that come from outside, as types that msgspec checks while it decodes."""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"\A(?!\.{1,2}\Z)[A-Za-z0-9_.:@-]{1,128}\Z")]
"""1-128 characters that may stand in a path, and never ``.`` or ``..``."""

ModelName = Annotated[str, msgspec.Meta(pattern=r"\A(?!\.{1,2}\Z)[A-Za-z0-9_.:@/-]{1,128}\Z")]
"""Like an id, with ``/`` as well: a model's name is never part of a path."""

Currency = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{3}\Z")]
"""ISO 4217."""

Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
"""An id that somebody else gave, such as a processor's payment id: any text."""

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
"""Why an operator did it."""
