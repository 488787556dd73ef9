"""Why the embedded stack does not start: either the set-up is wrong, or a server of it failed."""

from usage_ledger.unreachable import DependencyUnreachable


class StackRefused(Exception):
    """The folder, the port, the user or the installation does not allow it; the text says what to change."""


class ServerFailed(DependencyUnreachable):
    """A server of the stack did not become ready; the text ends with the last lines of its log."""
