"""What tests of the Kafka door are made of: both doors running, and a gateway that sends and reads outcomes."""
