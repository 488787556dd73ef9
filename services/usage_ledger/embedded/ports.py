"""Ports of the loopback interface."""

import socket

from usage_ledger.embedded.refused import StackRefused


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def preferred_port(port: int) -> int:
    """The port if it is free, else another; 0 prefers none."""
    return port if port and _problem_with(port) is None else free_port()


def required_port(port: int, *, purpose: str) -> int:
    """The port itself, or any free one for 0. Raises StackRefused if somebody else listens there."""
    problem = _problem_with(port) if port else None
    if problem is not None:
        raise StackRefused(f"port {port} for {purpose} is not free ({problem}); choose another, or 0 for any")
    return port or free_port()


def _problem_with(port: int) -> str | None:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still being closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.strerror
    return None
