"""The read side: views folded from the events on Kafka, disposable and rebuildable."""
