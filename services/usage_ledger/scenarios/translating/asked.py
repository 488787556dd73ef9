"""A command of the ledger, ready to be submitted; and the plain way to make one from a command of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from usage_ledger.scenarios.cast import Cast
from usage_ledger.scenarios.reading.misfit import ScenarioInvalid
from usage_ledger.scenarios.steps import Command
from usage_ledger.streams import PLATFORM

REASON: Final = "rehearsed by a scenario"
_BYTES: Final = (bytes,)


class Asked(msgspec.Struct, frozen=True):
    """``has_identity``: whether the command has an id that it may be repeated under (U1)."""

    tenant: str
    command: msgspec.Struct
    has_identity: bool = True


class Telling(msgspec.Struct, frozen=True):
    """One command of a scenario being translated. ``now`` is microseconds UTC."""

    command: Command
    cast: Cast
    now: int

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.command.fields

    def tenant_of(self, field: str) -> str:
        """The tenant of the account that the field names."""
        return self.cast.account(self.fields[field]).tenant

    def wrong(self, reason: str) -> ScenarioInvalid:
        return ScenarioInvalid(f"{self.command.place}, {self.command.name}: {reason}")


Translation = Callable[[Telling], Asked]


def to(
    command: type[msgspec.Struct],
    *,
    by: str | None = "account",
    without: tuple[str, ...] = (),
    defaults: Mapping[str, Any] | None = None,
    **renamed: str,
) -> Translation:
    """Field by field, ``renamed`` from the scenario's names to ours. ``by`` names the account whose tenant sends it.

    None: the platform does.
    """

    def translate(telling: Telling) -> Asked:
        values = {
            **(defaults or {}),
            **{renamed.get(name, name): value for name, value in telling.fields.items() if name not in without},
        }
        tenant = PLATFORM if by is None else telling.tenant_of(by)
        return Asked(tenant, made(telling, command, values))

    return translate


def made(telling: Telling, command: type[msgspec.Struct], values: Mapping[str, Any]) -> Any:
    """Raises ScenarioInvalid where a value does not fit the command, or the command has no such field."""
    unknown = values.keys() - {field.encode_name for field in msgspec.structs.fields(command)}
    if unknown:
        raise telling.wrong(f"this ledger's {command.__name__} takes no {min(unknown)}")
    try:
        return msgspec.convert(values, command, builtin_types=_BYTES)
    except msgspec.ValidationError as error:
        raise telling.wrong(str(error)) from None
