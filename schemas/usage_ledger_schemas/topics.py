"""What each topic carries and how it must be configured, read from ``topics/*.yaml``.

Replication and minimum in-sync replicas are not here: they belong to a cluster, not to the contract. A deployment may
give a topic another name; everything else holds.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

import msgspec

Encoding = Literal["utf8", "uint64_be", "bytes32"]


class TopicDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One topic. ``config`` is Kafka's own topic configuration, as texts.

    ``by_setting``: the number of partitions is the deployment's choice, and may grow.
    """

    name: str
    description: str
    partitions: Literal["one_per_shard", "by_setting"]
    key: Literal["stream_id", "tenant", "command_id"]
    value: Literal["single_object"]
    headers: dict[str, Encoding]
    config: dict[str, str]


def _read(name: str) -> TopicDefinition:
    file = files("usage_ledger_schemas") / "topics" / f"{name}.yaml"
    return msgspec.yaml.decode(file.read_bytes(), type=TopicDefinition)


EVENTS = _read("usage-ledger.events")
COMMANDS = _read("usage-ledger.commands")
OUTCOMES = _read("usage-ledger.outcomes")
