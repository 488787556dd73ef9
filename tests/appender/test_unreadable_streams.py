"""A stream that cannot be decoded is a fact about that stream: whoever asks for it is told, and nobody else."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg
import pytest

from appender.ledger import Ledger, statuses
from usage_ledger.adapters.avro_mapper import FINGERPRINT_BYTES, decode_state, encode_state
from usage_ledger.appender import Appender
from usage_ledger.deciding import StreamUnreadable
from usage_ledger.handlers import HANDLERS
from usage_ledger.workspaces.commands import AddCredentialName, RegisterWorkspace, SetOrgDefault

# Only what has bytes outside of the process can go wrong in this way.
pytestmark = pytest.mark.parametrize("open_store", ["postgres"], indirect=True)

ORGANIZATION = "acme/organization-acme"
NAME = AddCredentialName("ws", "DATABASE_URL", f"hmac-sha256:{'3f1c' * 16}", "tenant")
POISON = b"poison"


@pytest.fixture
def organization(ledger: Ledger, ledger_database: str) -> str:
    """The tenant's own organization, of which a name is stored; answers the database."""
    assert ledger.send(NAME).outcome == "accepted"
    return ledger_database


def overwrite(database: str, stream_id: str, body: bytes) -> None:
    with psycopg.connect(database) as owner:
        changed = owner.execute("UPDATE ledger.events SET body = %s WHERE stream_id = %s", (body, stream_id))
        assert changed.rowcount == 1


def answer(outcome: Any) -> dict[str, Any]:
    return msgspec.json.decode(outcome.answer)


def of_no_known_scope(database: str) -> bytes:
    """An event that is Avro by its schema, and says what no version of ours ever wrote."""
    with psycopg.connect(database) as owner:
        found = owner.execute("SELECT fingerprint, body FROM ledger.events WHERE stream_id = %s", (ORGANIZATION,))
        (fingerprint, body) = found.fetchone() or (b"", b"")
    envelope, payload = decode_state(fingerprint + body)
    name = type(payload).__name__
    return encode_state(name, envelope, msgspec.structs.replace(payload, scope="UNKNOWN"))[FINGERPRINT_BYTES:]


def test_an_organization_that_cannot_be_read_is_a_fault_and_not_absent(
    organization: str, ledger: Ledger, open_store: Any
) -> None:
    for body in (of_no_known_scope(organization), POISON):
        overwrite(organization, ORGANIZATION, body)
        fresh = Ledger(Appender(open_store(), ledger.clock, HANDLERS), ledger.clock)
        registered = answer(fresh.send(RegisterWorkspace(f"ws-{len(body)}")))
        assert "CREDENTIALS_UNREADABLE" in registered["faults"]
        assert fresh.send(NAME).code == "credentials_unreadable"


def test_usage_of_its_workspaces_goes_on_and_neighbours_in_the_group_do_not_notice(
    organization: str, another: Ledger
) -> None:
    overwrite(organization, ORGANIZATION, POISON)
    refused, used, granted = another.send_all(
        another.submission(NAME), another.submission(another.usage("a1")), another.submission(another.grant("1"))
    )
    assert (refused.code, granted.outcome) == ("credentials_unreadable", "accepted")
    assert statuses(used) == ["accepted"]


def test_whoever_needs_what_is_in_it_fails_alone(organization: str, another: Ledger) -> None:
    overwrite(organization, ORGANIZATION, POISON)
    with pytest.raises(StreamUnreadable):
        another.send(SetOrgDefault("acme", "byok", "needs to know the mode before"))
    assert another.send(another.grant("1")).outcome == "accepted"


def test_events_of_another_appender_that_cannot_be_read_do_not_stop_the_one_that_catches_up(
    organization: str, ledger: Ledger, another: Ledger
) -> None:
    assert another.send(SetOrgDefault("acme", "byok", "from elsewhere")).outcome == "accepted"
    with psycopg.connect(organization) as owner:
        owner.execute(
            "UPDATE ledger.events SET body = %s WHERE stream_id = %s AND stream_version = 2", (POISON, ORGANIZATION)
        )
    assert ledger.send(ledger.grant("1")).outcome == "accepted"
    assert ledger.send(NAME).code == "credentials_unreadable"
