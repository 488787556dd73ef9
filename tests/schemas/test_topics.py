from __future__ import annotations

from schemas.golden import PACKAGE
from usage_ledger_schemas.codec import MAX_COMMAND_BYTES, MAX_EVENT_BYTES
from usage_ledger_schemas.topics import COMMANDS, EVENTS, OUTCOMES


def test_the_events_topic_has_a_partition_for_each_shard_and_keeps_everything() -> None:
    assert EVENTS.partitions == "one_per_shard"
    assert EVENTS.config["retention.ms"] == EVENTS.config["retention.bytes"] == "-1"
    assert EVENTS.config["cleanup.policy"] == "delete"


def test_the_largest_event_fits_a_message() -> None:
    room_for_key_headers_and_frame = 4096

    assert MAX_EVENT_BYTES + room_for_key_headers_and_frame < int(EVENTS.config["max.message.bytes"])
    assert MAX_COMMAND_BYTES + room_for_key_headers_and_frame < int(EVENTS.config["max.message.bytes"])


def test_every_topic_file_is_named_after_its_topic_and_loaded() -> None:
    assert {file.stem for file in (PACKAGE / "topics").iterdir()} == {EVENTS.name, COMMANDS.name, OUTCOMES.name}
