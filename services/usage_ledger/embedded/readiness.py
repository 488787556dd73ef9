"""Questions that are answered yes as soon as a server can be used. Each asks once and returns at once."""

import socket
from collections.abc import Callable

import httpx
import psycopg

_PATIENCE_S = 1.0


def port_answers(port: int) -> Callable[[], bool]:
    """Whether somebody listens on this port of the loopback interface.

    Kafka's clients wait for seconds after a refused connection, so ask this first and connect then.
    """

    def ask() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), _PATIENCE_S):
                return True
        except OSError:
            return False

    return ask


def postgres_answers(conninfo: str) -> Callable[[], bool]:
    """Whether Postgres accepts a connection."""

    def ask() -> bool:
        try:
            with psycopg.connect(conninfo, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    return ask


def url_answers(url: str) -> Callable[[], bool]:
    """Whether a GET of the address is answered with success."""

    def ask() -> bool:
        try:
            return httpx.get(url, timeout=_PATIENCE_S, trust_env=False).is_success
        except httpx.TransportError:
            return False

    return ask
