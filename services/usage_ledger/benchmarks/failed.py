"""How a benchmark fails: its figures would mean nothing."""


class BenchmarkFailed(Exception):
    """A load could not do its work, or what it did does not add up; the text says what."""
