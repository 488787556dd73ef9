"""Service keys. A label is the secret of a key: rotation gives the same key another one."""

from __future__ import annotations

from typing import Any, Final

from usage_ledger.keys.commands import IssueServiceKey, RevokeServiceKey, RotateServiceKey
from usage_ledger.keys.secret_hash import hash_of_secret
from usage_ledger.scenarios.translating.asked import REASON, Asked, Telling, Translation, made


def _issue_service_key(telling: Telling) -> Asked:
    """For the account alone: to hold credit and to record usage."""
    fields, label = telling.fields, telling.fields["key"]
    values: dict[str, Any] = {
        "key_id": label,
        "secret_hash": hash_of_secret(label),
        "prefix": label[:32],
        "scopes": ["usage", "holds"],
        "source": telling.command.source,
        "account_id": fields["account"],
        **{name: fields[name] for name in ("capabilities", "expires_at") if name in fields},
    }
    return Asked(telling.tenant_of("account"), made(telling, IssueServiceKey, values))


def _rotate_service_key(telling: Telling) -> Asked:
    values = {
        "key_id": telling.cast.key_id(telling.fields["key"]),
        "secret_hash": hash_of_secret(telling.fields["new_key"]),
        "old_valid_until": telling.fields.get("old_valid_until"),
    }
    return Asked(_tenant(telling), made(telling, RotateServiceKey, values))


def _revoke_service_key(telling: Telling) -> Asked:
    values = {"key_id": telling.cast.key_id(telling.fields["key"]), "reason": REASON}
    return Asked(_tenant(telling), made(telling, RevokeServiceKey, values))


def _tenant(telling: Telling) -> str:
    return telling.cast.account(telling.cast.account_of_key(telling.fields["key"])).tenant


TRANSLATIONS: Final[dict[str, Translation]] = {
    "IssueServiceKey": _issue_service_key,
    "RotateServiceKey": _rotate_service_key,
    "RevokeServiceKey": _revoke_service_key,
}
