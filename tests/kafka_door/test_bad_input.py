"""Whatever is on a topic of commands, it becomes a dead letter or an outcome with a code, and the partition goes on."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import MessageSizeTooLargeError

from kafka_door.gateway import Gateway
from usage_ledger_schemas import codec, frames
from waiting import eventually

OPENING = {"account_id": "main", "owner_kind": "org", "currency": "USD"}
ITEM = {"id": "a1", "workspace_id": "ws", "occurred_at": 1_772_452_800_000_000, "model": "m", "usage": {}}

LETTER = """
SELECT reason, size, digest, head FROM ledger.dead_letters WHERE (topic, partition, "offset") = (%s, %s, %s)
"""
EVENTS_OF = "SELECT count(*) FROM ledger.events WHERE starts_with(stream_id, %s)"


class Letter(NamedTuple):
    reason: str
    size: int
    digest: bytes
    head: bytes


@pytest.fixture
def put_and_go_on(gateway: Gateway, topic, owner):
    """Puts a value, and behind it a good command, which is decided. Answers the dead letter that the value became."""

    def put(value: bytes | None, on: str = "gateway") -> Letter | None:
        place = gateway.put(topic(on), value, partition=2)
        tenant = "acme" if on == "one" else f"tenant-{uuid4().hex[:12]}"
        good = frame(tenant=tenant, command={**OPENING, "account_id": f"a-{uuid4().hex[:8]}"}, command_id=uuid4().hex)
        gateway.put(topic(on), good, partition=2)
        assert gateway.outcome(tenant, command_id_of(good))["outcome"] == "accepted"
        row = owner.execute(LETTER, (place.topic, place.partition, place.offset)).fetchone()
        return None if row is None else Letter(*row)

    return put


def frame(command_type: str = "OpenAccount", command: Any = OPENING, **fields: Any) -> bytes:
    usual = {"command_id": uuid4().hex, "tenant": f"tenant-{uuid4().hex[:12]}", "sent_at": 0}
    return frames.command_frame(command_type, command, **{**usual, **fields})


def framed(payload: bytes, command_type: str = "OpenAccount", **fields: Any) -> bytes:
    """A frame around any bytes at all."""
    usual = {"command_id": uuid4().hex, "tenant": f"tenant-{uuid4().hex[:12]}", "sent_at": 0}
    return frames.single_object(frames.COMMAND, {"command_type": command_type, "payload": payload, **usual, **fields})


def command_id_of(value: bytes) -> str:
    return fields_of(value)["command_id"]


def fields_of(value: bytes) -> dict[str, Any]:
    return codec.decode(*codec.unframe(value))[1]


GOOD = frame()
PAYLOAD = frames.single_object("OpenAccount", OPENING)
FINGERPRINT, BODY = codec.unframe(GOOD)
# The length of the first text, written in two bytes where one is enough: the same record, but not its canonical bytes.
STRETCHED = codec.frame(FINGERPRINT, bytes([BODY[0] | 0x80, 0]) + BODY[1:])
STRETCHED_PAYLOAD = PAYLOAD[:10] + bytes([PAYLOAD[10] | 0x80, 0]) + PAYLOAD[11:]

UNREADABLE = {
    "no bytes": (b"", "not_a_frame"),
    "text": (b'{"command_type": "OpenAccount"}', "not_a_frame"),
    "a marker and nothing else": (b"\xc3\x01", "not_a_frame"),
    "an unknown fingerprint": (codec.frame(bytes(8), BODY), "unknown_fingerprint"),
    "truncated": (GOOD[:-1], "undecodable"),
    "truncated to its head": (GOOD[:10], "undecodable"),
    "trailing bytes": (GOOD + b"\0", "undecodable"),
    "another encoding of the same record": (STRETCHED, "undecodable"),
    "a length that claims the world": (codec.frame(FINGERPRINT, b"\xfe\xff\xff\xff\x0f" + BODY[1:]), "undecodable"),
    "a command without its frame": (PAYLOAD, "not_a_frame"),
    "an outcome": (
        frames.single_object(
            "CommandOutcome",
            {
                "command_id": "c",
                "tenant": "t",
                "source": "s",
                "command_type": "x",
                "outcome": "accepted",
                "replayed": False,
                "detail": "",
                "facts": {},
                "positions": [],
                "items": [],
            },
        ),
        "not_a_frame",
    ),
    "a tenant that is no id": (framed(PAYLOAD, tenant="../x"), "invalid_frame"),
    "an id that is none": (framed(PAYLOAD, command_id=""), "invalid_frame"),
    "an id as long as a book": (framed(PAYLOAD, command_id="x" * 100_000), "invalid_frame"),
    "a type that is no name": (framed(PAYLOAD, command_type="Open Account"), "invalid_frame"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_nobody_can_be_told_about_becomes_a_dead_letter(put_and_go_on, what):
    value, reason = UNREADABLE[what]
    assert put_and_go_on(value) == Letter(reason, len(value), sha256(value).digest(), value[:4096])


def test_a_record_without_a_value_becomes_a_dead_letter(put_and_go_on):
    letter = put_and_go_on(None)
    assert (letter.reason, letter.size) == ("not_a_frame", 0)


@pytest.fixture
def broker_lets_through(kafka_server: str):
    """Raises what the broker takes on a topic."""

    def raise_limit(topic: str, limit: int) -> None:
        admin = KafkaAdminClient(bootstrap_servers=kafka_server)
        configs = {"max.message.bytes": str(limit)}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)])
        admin.close()

    return raise_limit


def test_a_record_as_large_as_the_broker_lets_through_becomes_a_dead_letter(
    put_and_go_on, broker_lets_through, gateway, topic
):
    largest = 20 * 1024 * 1024
    broker_lets_through(topic("gateway"), largest)
    value = codec.frame(FINGERPRINT, bytes(largest - 200))
    eventually(lambda: takes(gateway, topic("gateway"), value))
    assert put_and_go_on(value) == Letter("too_large", len(value), sha256(value).digest(), value[:4096])


def takes(gateway: Gateway, topic: str, value: bytes) -> bool:
    with suppress(MessageSizeTooLargeError):
        gateway.put(topic, value, partition=3)
        return True
    return False


def test_the_largest_frame_that_is_allowed_is_read(put_and_go_on, gateway):
    """Its payload is no command: it was read to its end, to say so."""
    value = framed(b"x" * codec.MAX_COMMAND_BYTES)
    letter = put_and_go_on(value)
    assert letter.reason == "undecodable_payload"


OTHER_PAYLOAD = frames.single_object("RecordPurchase", {"account_id": "a", "amount": "1", "payment_ref": "p"})
TOLD_AND_KEPT = {
    "a payload that is no command": (framed(b"hello"), "undecodable_payload"),
    "a payload that is empty": (framed(b""), "undecodable_payload"),
    "a truncated payload": (framed(PAYLOAD[:-1]), "undecodable_payload"),
    "a payload with trailing bytes": (framed(PAYLOAD + b"\0"), "undecodable_payload"),
    "a payload in another encoding": (framed(STRETCHED_PAYLOAD), "undecodable_payload"),
    "a payload of an unknown schema": (framed(codec.frame(bytes(8), b"")), "unknown_fingerprint"),
    "a payload that is another command": (framed(OTHER_PAYLOAD), "undecodable_payload"),
    "an event as a payload": (framed(codec.frame(codec.fingerprint("AccountOpened"), b"")), "undecodable_payload"),
    "the platform": (frame(tenant="platform"), "tenant_not_allowed"),
    "a fact of the deployment": (frame("WireProxy", {}), "tenant_not_allowed"),
}


@pytest.mark.parametrize("what", TOLD_AND_KEPT)
def test_a_frame_with_bad_content_is_refused_and_kept(put_and_go_on, gateway, what):
    value, code = TOLD_AND_KEPT[what]
    assert put_and_go_on(value).reason == code
    sent = fields_of(value)
    told = gateway.outcome(sent["tenant"], sent["command_id"])
    assert (told["outcome"], told["code"], told["positions"]) == ("refused", code, [])


def test_a_tenant_that_the_topic_may_not_speak_for_is_refused_and_kept(put_and_go_on, gateway, owner):
    value = frame()
    assert put_and_go_on(value, on="one").reason == "tenant_not_allowed"
    sent = fields_of(value)
    assert gateway.outcome(sent["tenant"], sent["command_id"])["code"] == "tenant_not_allowed"
    assert owner.execute(EVENTS_OF, (f"{sent['tenant']}/",)).fetchone() == (0,)


def test_an_item_of_such_a_tenant_refuses_the_whole_command(put_and_go_on, gateway, owner):
    items = [{**ITEM, "id": uuid4().hex, "workspace_id": "whole"}, {**ITEM, "id": uuid4().hex, "tenant": "globex"}]
    value = frame("RecordUsage", {"items": items}, tenant="acme")
    assert put_and_go_on(value, on="one").reason == "tenant_not_allowed"
    told = gateway.outcome("acme", command_id_of(value))
    assert (told["code"], told["pointer"], told["items"]) == ("tenant_not_allowed", "/items/1/tenant", [])
    assert owner.execute(EVENTS_OF, ("acme/quarantine",)).fetchone() == (0,)


@pytest.mark.parametrize("command", ["IssueServiceKey", "RevokeServiceKey", "RotateServiceKey", "NoSuchCommand"])
def test_a_command_about_keys_is_refused_unread(put_and_go_on, gateway, command):
    """Also where the platform may speak: a secret never travels on Kafka (K1)."""
    value = framed(b"what a key command may hold", command, tenant="platform")
    assert put_and_go_on(value, on="platform") is None
    told = gateway.outcome("platform", command_id_of(value))
    assert (told["outcome"], told["code"]) == ("refused", "command_not_accepted")


def test_a_time_beyond_the_calendar_is_refused_by_its_place(gateway, topic, tenant):
    items = [ITEM, {**ITEM, "occurred_at": 2**63 - 1}]
    told = gateway.ask(topic("gateway"), tenant, "RecordUsage", {"items": items})
    assert (told["code"], told["pointer"]) == ("invalid_value", "/items/1/occurred_at")


def test_input_that_was_wrong_takes_no_id(gateway, topic, tenant):
    wrong = gateway.ask(topic("gateway"), tenant, "OpenAccount", {**OPENING, "currency": "usd"}, "c-1")
    assert (wrong["outcome"], wrong["code"]) == ("refused", "invalid_currency")
    gateway.send(topic("gateway"), tenant, "OpenAccount", OPENING, "c-1")
    assert gateway.outcomes(tenant, "c-1", 2)[1]["outcome"] == "accepted"
