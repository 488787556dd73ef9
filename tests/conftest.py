"""For every test: its fixtures (see `real_servers` for Postgres and Kafka), and how Hypothesis draws its examples.

The examples are the same on every run, and no clock fails a test on a busy machine.
"""

from hypothesis import settings

pytest_plugins = ["real_servers", "ledger_database"]

settings.register_profile("deterministic", derandomize=True, deadline=None)
settings.load_profile("deterministic")
