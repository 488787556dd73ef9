"""The same examples on every run, and no clock that could fail a test on a busy machine."""

from hypothesis import settings

settings.register_profile("deterministic", derandomize=True, deadline=None)
settings.load_profile("deterministic")
