"""What a topic of commands may say: whose source it is, and for which tenants."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from usage_ledger.streams import PLATFORM

ALL_TENANTS = "*"

_ID = r"\A(?!\.{1,2}\Z)[A-Za-z0-9_.:@-]{1,128}\Z"


class CommandsTopic(BaseModel):
    """A topic is one source's. Who may produce to it, the broker's ACLs say; for whom, this list does.

    ``*`` is every tenant but ``platform``, whose commands are facts of the whole deployment: it has to be named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", regex_engine="python-re")

    source: Annotated[str, Field(pattern=_ID)]
    tenants: tuple[Annotated[str, Field(pattern=rf"\A\*\Z|{_ID}")], ...] = ()

    def speaks_for(self, tenant: str) -> bool:
        return tenant in self.tenants or (tenant != PLATFORM and ALL_TENANTS in self.tenants)
