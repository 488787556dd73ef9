"""The door's thread: one session after the other, for as long as the process serves.

HTTP does not depend on it. While Kafka is away the thread tries again, later and later, and nobody else notices.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Final

import structlog
from kafka.errors import KafkaError

from usage_ledger.entrypoints.kafka_door.session import ConsumerStalled, Session
from usage_ledger.publishing.publisher import PublishFailed
from usage_ledger_schemas import metrics

RETRY_FIRST_S: Final = 0.2
RETRY_MAX_S: Final = 5.0
STOP_S: Final = 45.0
"""Longer than any single wait for Kafka. A client that hangs all the same is left: its records come again."""

log = structlog.get_logger()


class KafkaDoor:
    """``open_session`` reaches out to Kafka and raises KafkaError."""

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._open_session = open_session
        self._stop = Event()
        self._thread = Thread(target=self._run, name="kafka-door", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Poll nothing more; finish, publish and commit what was handed to the appender; leave the group."""
        self._stop.set()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        retry_s = RETRY_FIRST_S
        while not self._stop.is_set():
            useful = self._serve_one_session()
            retry_s = RETRY_FIRST_S if useful else min(RETRY_MAX_S, retry_s * 2)
            self._stop.wait(retry_s)

    def _serve_one_session(self) -> bool:
        """Whether it settled anything before it ended."""
        session: Session | None = None
        try:
            session = self._open_session()
            session.serve(self._stop)
        except ConsumerStalled:
            log.error("consumer_stalled")
            metrics.kafka_door_rebuilt_total.inc()
        except (KafkaError, PublishFailed) as error:
            log.warning("kafka_door_interrupted", error=f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - HTTP goes on, and the same records are tried again
            log.error("kafka_door_failed", error=type(error).__name__)
        finally:
            if session is not None:
                _close(session)
        return session is not None and session.was_useful


def _close(session: Session) -> None:
    with suppress(KafkaError):
        session.close()
