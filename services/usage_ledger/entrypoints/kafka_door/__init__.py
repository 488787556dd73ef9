"""The Kafka door: commands from Kafka, their outcomes to Kafka, and what nobody can read to the dead letters."""
