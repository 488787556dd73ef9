"""The end of a producer whose records nobody waits for any more."""

from __future__ import annotations

from typing import Any

from kafka.errors import KafkaError


def abandon(producer: Any) -> None:
    """Ends it at once. What is on its way may arrive or not; it is sent again by whoever needs it there.

    Closing the library's producer without waiting fails while records are on their way, and leaves behind a thread that
    goes on sending them. So the thread is told to stop as well.
    """
    try:
        producer.close(timeout=0)
    except KafkaError:
        producer._sender.force_close()  # noqa: SLF001 - the library has no public way
