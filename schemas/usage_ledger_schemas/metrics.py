"""One catalogue of every metric, for both sides: name, unit, help and labels stand here and nowhere else.

Units are the last word of a name, as Prometheus has it: ``_seconds``, ``_bytes``, ``_total`` for what only grows.
Labels are few and bounded. A tenant, account or stream is never a label: those belong in logs and views.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_FAST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_COUNTS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)

# -- the doors ---------------------------------------------------------------------------------------------------------

http_requests_total = Counter(
    "usage_ledger_http_requests_total",
    "HTTP requests answered, by route template, method and status code",
    ("route", "method", "code"),
)
http_request_seconds = Histogram(
    "usage_ledger_http_request_seconds",
    "Time from the first byte of an HTTP request to the last of its answer",
    ("route",),
    buckets=_FAST_SECONDS,
)

kafka_door_records_total = Counter(
    "usage_ledger_kafka_door_records_total",
    "Records of commands that are done with, by outcome: accepted, duplicate, refused, failed, dead",
    ("outcome",),
)
kafka_door_outcomes_total = Counter(
    "usage_ledger_kafka_door_outcomes_total", "Outcomes acknowledged by Kafka, repeats included"
)
kafka_door_lag_records = Gauge(
    "usage_ledger_kafka_door_lag_records", "Records of commands that were not read yet", ("topic", "partition")
)
kafka_door_retries_total = Counter(
    "usage_ledger_kafka_door_retries_total",
    "Times that the Kafka door waited with records in its hands, by reason: overloaded, unavailable",
    ("reason",),
)
kafka_door_rebuilt_total = Counter(
    "usage_ledger_kafka_door_consumer_rebuilt_total", "Consumers replaced because they stopped while records waited"
)
dead_letters_total = Counter(
    "usage_ledger_dead_letters_total", "Records of commands that became dead letters, by reason", ("reason",)
)

# -- the appender ------------------------------------------------------------------------------------------------------

commands_total = Counter(
    "usage_ledger_commands_total",
    "Commands decided, by type and outcome: accepted, duplicate, refused",
    ("command", "outcome"),
)
usage_items_total = Counter(
    "usage_ledger_usage_items_total",
    "Usage items answered, by status: accepted, duplicate, quarantined, rejected, conflict, unavailable",
    ("status",),
)
dedupe_hits_total = Counter(
    "usage_ledger_dedupe_hits_total",
    "Repeats that were answered from what is known, by what repeated: command, attempt, business_key",
    ("kind",),
)
append_group_commands = Histogram(
    "usage_ledger_append_group_commands", "Commands that shared one commit", buckets=_COUNTS
)
append_group_events = Histogram("usage_ledger_append_group_events", "Events that shared one commit", buckets=_COUNTS)
append_commit_seconds = Histogram(
    "usage_ledger_append_commit_seconds", "Time that COMMIT itself took", buckets=_FAST_SECONDS
)
append_group_seconds = Histogram(
    "usage_ledger_append_group_seconds",
    "Time from taking the shard locks to the end of the commit",
    buckets=_FAST_SECONDS,
)
append_queue_items = Gauge("usage_ledger_append_queue_items", "Usage items that wait for the appender")
append_failures_total = Counter(
    "usage_ledger_append_failures_total",
    "Groups whose transaction failed, by reason: unavailable, commit_unknown, retried_one_by_one",
    ("reason",),
)

# -- the relay ---------------------------------------------------------------------------------------------------------

relay_published_total = Counter(
    "usage_ledger_relay_published_total", "Events acknowledged by Kafka and checkpointed", ("shard",)
)
relay_batch_events = Histogram("usage_ledger_relay_batch_events", "Events sent to Kafka in one go", buckets=_COUNTS)
relay_lag_records = Gauge(
    "usage_ledger_relay_lag_records", "Events in the store that are not yet checkpointed as published", ("shard",)
)
relay_lag_seconds = Gauge(
    "usage_ledger_relay_lag_seconds",
    "Age of the oldest event that is not yet published; 0 when there is none",
    ("shard",),
)
relay_halted = Gauge(
    "usage_ledger_relay_halted", "1 when the relay refuses to go on with a shard, by reason", ("shard", "reason")
)
relay_rewound_total = Counter(
    "usage_ledger_relay_rewound_total", "Take-overs that found Kafka behind the checkpoint and sent again", ("shard",)
)

# -- the projector -----------------------------------------------------------------------------------------------------

projector_applied_total = Counter("usage_ledger_projector_applied_total", "Events folded into the views", ("shard",))
projector_duplicates_total = Counter(
    "usage_ledger_projector_duplicates_total", "Events skipped because their version was applied before", ("shard",)
)
projector_skipped_total = Counter(
    "usage_ledger_projector_skipped_total", "Events not applied because their stream is blocked", ("shard",)
)
projector_blocked_total = Counter(
    "usage_ledger_projector_blocked_total",
    "Streams blocked, by reason: gap, undecodable, apply_failed, write_failed",
    ("shard", "reason"),
)
projector_blocked_streams = Gauge(
    "usage_ledger_projector_blocked_streams", "Streams that wait for a repair", ("shard",)
)
projector_position_gaps_total = Counter(
    "usage_ledger_projector_position_gaps_total", "Times that positions on a partition were not contiguous", ("shard",)
)
projector_batch_events = Histogram(
    "usage_ledger_projector_batch_events", "Events folded by one transaction", buckets=_COUNTS
)
projector_transaction_seconds = Histogram(
    "usage_ledger_projector_transaction_seconds", "Time of one batch, from decoding to commit", buckets=_FAST_SECONDS
)
projector_lag_records = Gauge(
    "usage_ledger_projector_lag_records", "Records on the partition that are not yet in the views", ("shard",)
)
projector_lag_seconds = Gauge(
    "usage_ledger_projector_lag_seconds", "Age of the newest event in the views when it was applied", ("shard",)
)
projector_rebuilt_total = Counter(
    "usage_ledger_projector_consumer_rebuilt_total", "Consumers replaced because they stopped while records waited"
)
projector_offset_resets_total = Counter(
    "usage_ledger_projector_offset_resets_total",
    "Times that the wanted offset was not on the partition and reading began again at its start",
    ("shard",),
)

# -- the reactor -------------------------------------------------------------------------------------------------------

reactor_lag_records = Gauge(
    "usage_ledger_reactor_lag_records", "Events of the shard that the reactor has not looked at yet", ("shard",)
)
reactor_commands_total = Counter(
    "usage_ledger_reactor_commands_total",
    "Commands that followed from facts, by type and outcome: accepted, refused",
    ("command", "outcome"),
)
reactor_failures_total = Counter(
    "usage_ledger_reactor_failures_total", "Reactions that failed; the shard waits and they are tried again", ("shard",)
)

# -- the scheduler -----------------------------------------------------------------------------------------------------

scheduler_lag_seconds = Gauge(
    "usage_ledger_scheduler_lag_seconds", "For how long the oldest due change of an idle account has been due; 0 = none"
)
scheduler_commands_total = Counter(
    "usage_ledger_scheduler_commands_total", "Accounts whose due changes were done, by outcome", ("outcome",)
)
scheduler_failures_total = Counter(
    "usage_ledger_scheduler_failures_total", "Accounts whose due changes failed; each is tried again", ("shard",)
)

# -- leases (relay, projector, reactor, scheduler) ---------------------------------------------------------------------

lease_held = Gauge("usage_ledger_lease_held", "1 while this process does the job for the shard", ("job", "shard"))
