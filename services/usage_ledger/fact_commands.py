"""Commands whose events are facts of the whole deployment, and whose such a command is."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.closing.commands import CloseMonth
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.governance.commands import ActivatePolicy, PublishRegistry
from usage_ledger.pricing.commands import ImportPrice, MapModel, PublishPrices, SetPricingPolicy, WithdrawPrice
from usage_ledger.streams import PLATFORM

FACT_COMMANDS: Final = (
    PublishPrices,
    WithdrawPrice,
    MapModel,
    ImportPrice,
    SetPricingPolicy,
    CloseMonth,
    WireProxy,
    UnwireProxy,
    PublishRegistry,
    ActivatePolicy,
)
"""They are appended to the facts' shard, whichever tenant sent them."""

_OF_A_TENANT: Final = ("account_id", "workspace_id", "organization_id")


def tenant_of_command(command: msgspec.Struct, named: str) -> str:
    """Whose a command is that was sent for the tenant ``named``.

    A price for one account is its tenant's, as is a policy for one workspace; any other fact is the platform's.
    """
    names_one = any(getattr(command, name, None) is not None for name in _OF_A_TENANT)
    return PLATFORM if isinstance(command, FACT_COMMANDS) and not names_one else named
