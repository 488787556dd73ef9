"""Real Postgres and Kafka on one machine, for development, demo and tests; not for production."""
