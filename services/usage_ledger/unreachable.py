"""The one error for 'something we depend on does not answer'."""


class DependencyUnreachable(Exception):
    """Postgres, Kafka or a service does not answer; trying again later may help. The command line exits with 3.

    The text names the dependency and its address, never a password.
    """
