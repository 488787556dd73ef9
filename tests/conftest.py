"""Fixtures that every test may use: see `real_servers` for Postgres and Kafka."""

pytest_plugins = ["real_servers", "ledger_database"]
