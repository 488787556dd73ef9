"""The doors: command line, HTTP and Kafka. Nothing imports them."""
