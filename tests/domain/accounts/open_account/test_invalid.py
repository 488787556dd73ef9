"""Input that no account can have."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import Then, When
from usage_ledger.accounts.commands import OpenAccount


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"owner_kind": "platform_service"}, "invalid_tier", "/tier"),
        ({"tier": "demo"}, "invalid_tier", "/tier"),
        ({"zone": "Mars/Olympus_Mons"}, "invalid_zone", "/zone"),
        ({"zone": "../../etc/passwd"}, "invalid_zone", "/zone"),
        ({"zone": "Europe"}, "invalid_zone", "/zone"),
        ({"zone": "localtime"}, "invalid_zone", "/zone"),
        ({"zone": "posixrules"}, "invalid_zone", "/zone"),
        ({"overdraft_limit": "-1"}, "invalid_limit", "/overdraft_limit"),
        ({"overdraft_limit": "ten"}, "invalid_amount", "/overdraft_limit"),
        ({"credit_limit": "0.0000000001"}, "amount_too_precise", "/credit_limit"),
    ],
)
def test_input_is_refused_with_its_place(
    when: When, then: Then, fields: dict[str, Any], code: str, pointer: str
) -> None:
    when(OpenAccount(**{"account_id": "main", "owner_kind": "org", "currency": "USD"} | fields))
    then.invalid(code, pointer)
