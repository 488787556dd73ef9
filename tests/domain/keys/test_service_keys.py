"""IssueServiceKey, RotateServiceKey and RevokeServiceKey (K1-K3)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.rehearsal import START, Rehearsal, answer_of
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.keys.commands import IssueServiceKey, RevokeServiceKey, RotateServiceKey
from usage_ledger.keys.events import ServiceKeyIssued, ServiceKeyRevoked, ServiceKeyRotated
from usage_ledger.keys.scopes import SCOPES, Scope, covers
from usage_ledger.keys.service_key import ServiceKey
from usage_ledger.workspaces.commands import RegisterWorkspace

HASH = bytes(range(32))
NEW_HASH = bytes(range(1, 33))


def issue(**fields: Any) -> IssueServiceKey:
    return msgspec.convert(
        {"key_id": "k1", "secret_hash": HASH, "prefix": "ulk_1", "scopes": ["usage"], "source": "gw"} | fields,
        IssueServiceKey,
    )


def test_an_issued_key_has_its_hash_and_never_its_secret(ledger: Rehearsal) -> None:
    outcome = ledger.when(issue(scopes=["usage", "read"], expires_at=START + 10))
    assert answer_of(outcome) == {"key_id": "k1", "prefix": "ulk_1"}
    expected = ServiceKeyIssued("k1", HASH, "ulk_1", ("usage", "read"), "gw", None, None, None, START + 10)
    assert ledger.events("t1/key-k1") == [expected]


def test_a_key_id_is_issued_once_even_after_it_was_revoked(ledger: Rehearsal) -> None:
    ledger.given(issue())
    assert ledger.when(issue()).code == "key_exists"
    ledger.given(RevokeServiceKey("k1", "lost"))
    assert ledger.when(issue()).code == "key_exists"


@pytest.mark.parametrize("fields", [{"scopes": ["admin"]}, {"tenants": ["t2"]}, {"tenants": ["*"]}])
def test_only_the_platform_has_admin_and_gateway_keys(ledger: Rehearsal, fields: dict[str, Any]) -> None:
    assert ledger.when(issue(**fields)).code == "key_scope"
    assert ledger.when(issue(**fields), tenant="platform").outcome == "accepted"


def test_a_key_that_would_be_expired_at_once_is_refused(ledger: Rehearsal) -> None:
    assert ledger.when(issue(expires_at=ledger.now)).code == "expires_in_past"
    assert ledger.when(issue(expires_at=ledger.now + 1)).outcome == "accepted"


def test_a_key_is_restricted_only_to_what_exists(ledger: Rehearsal) -> None:
    assert ledger.when(issue(account_id="acc")).code == "account_not_found"
    assert ledger.when(issue(workspace_id="ws")).code == "workspace_not_found"
    ledger.given(OpenAccount("acc", "org", "USD"), RegisterWorkspace("ws"))
    assert ledger.when(issue(account_id="acc", workspace_id="ws")).outcome == "accepted"


@pytest.mark.parametrize(
    "fields",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"secret_hash": b"short"},
        {"secret": "text"},
        {"tenants": []},
        {"tenants": ["a/b"]},
        {"prefix": ""},
    ],
)
def test_an_impossible_key_is_no_command(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        issue(**fields)


def test_a_revocation_needs_a_reason_and_a_key(ledger: Rehearsal) -> None:
    assert ledger.when(RevokeServiceKey("k1", "lost")).code == "key_not_found"
    ledger.given(issue())
    assert ledger.when(RevokeServiceKey("k1", " ")).code == "missing_reason"
    assert ledger.when(RevokeServiceKey("k1", "lost"), tenant="t2").code == "key_not_found"


def test_a_key_is_revoked_once(ledger: Rehearsal) -> None:
    ledger.given(issue(), RevokeServiceKey("k1", " lost "), RevokeServiceKey("k1", "lost again"))
    assert ledger.events("t1/key-k1")[1:] == [ServiceKeyRevoked("k1", "lost")]


@pytest.mark.rule("K2")
def test_a_rotation_has_the_new_hash_and_ends_the_old_secret_at_once_unless_told(ledger: Rehearsal) -> None:
    ledger.given(issue())
    rotated_at = ledger.now
    outcome = ledger.when(RotateServiceKey("k1", NEW_HASH))
    assert answer_of(outcome) == {"key_id": "k1", "prefix": "ulk_1"}
    assert ledger.events("t1/key-k1")[1:] == [ServiceKeyRotated("k1", NEW_HASH, rotated_at)]


@pytest.mark.rule("K2")
def test_the_old_secret_goes_on_until_the_stated_time_which_is_not_in_the_past(ledger: Rehearsal) -> None:
    ledger.given(issue())
    assert ledger.when(RotateServiceKey("k1", NEW_HASH, ledger.now - 1)).code == "expires_in_past"
    later = ledger.now + 60_000_000
    assert ledger.when(RotateServiceKey("k1", NEW_HASH, later)).outcome == "accepted"
    assert ledger.events("t1/key-k1")[1:] == [ServiceKeyRotated("k1", NEW_HASH, later)]


def test_only_a_key_that_admits_something_is_rotated(ledger: Rehearsal) -> None:
    assert ledger.when(RotateServiceKey("k1", NEW_HASH)).code == "key_not_found"
    ledger.given(issue(), RevokeServiceKey("k1", "lost"))
    ledger.given(issue(key_id="k2", expires_at=ledger.now + 1))
    assert ledger.when(RotateServiceKey("k1", NEW_HASH)).code == "already_revoked"
    assert ledger.when(RotateServiceKey("k2", NEW_HASH), tenant="t2").code == "key_not_found"
    assert ledger.when(RotateServiceKey("k2", NEW_HASH)).code == "already_expired"


def test_a_rotated_key_is_still_issued_revoked_and_never_issued_again(ledger: Rehearsal) -> None:
    ledger.given(issue(), RotateServiceKey("k1", NEW_HASH))
    assert ledger.when(issue()).code == "key_exists"
    ledger.given(RevokeServiceKey("k1", "lost"))
    assert ledger.when(RotateServiceKey("k1", HASH)).code == "already_revoked"


def test_a_key_comes_back_from_its_snapshot_whole() -> None:
    seen = ServiceKey()
    seen.apply(ServiceKeyIssued("k1", HASH, "ulk_1", ("usage",), "gw", None, None, None, 7), 1)
    seen.apply(ServiceKeyRevoked("k1", "lost"), 2)
    restored = ServiceKey.restore(seen.snapshot(), seen.version)
    assert (restored.version, restored.prefix, restored.revoked, restored.expires_at) == (2, "ulk_1", True, 7)


@pytest.mark.parametrize("needed", SCOPES)
def test_admin_implies_every_scope_and_others_only_themselves(needed: Scope) -> None:
    assert covers(["admin"], needed)
    assert covers([needed], needed)
    assert not covers([scope for scope in SCOPES if scope not in (needed, "admin")], needed)


@pytest.mark.rule("K1")
def test_a_key_may_be_for_calls_of_some_capabilities_only(ledger: Rehearsal) -> None:
    ledger.given(issue(capabilities=["chat", "image"]))
    (issued,) = ledger.events("t1/key-k1")
    assert issued.capabilities == ("chat", "image")
    registered = ledger.store.keys["k1"]
    assert [registered.may_call(each) for each in ("chat", "image", "audio")] == [True, True, False]


@pytest.mark.rule("K2")
def test_after_a_rotation_both_secrets_fit_and_the_old_one_admits_until_its_time(ledger: Rehearsal) -> None:
    ledger.given(issue(), RotateServiceKey("k1", NEW_HASH, START + 60_000_000))
    key = ledger.store.keys["k1"]
    assert key.fits(HASH)
    assert key.fits(NEW_HASH)
    assert not key.fits(bytes(32))
    assert [key.refusal_at(START + micros, HASH) for micros in (59_999_999, 60_000_000)] == [None, "key_expired"]
    assert key.refusal_at(START + 60_000_000, NEW_HASH) is None
    ledger.given(RevokeServiceKey("k1", "leaked"))
    assert ledger.store.keys["k1"].refusal_at(START, NEW_HASH) == "key_revoked"
