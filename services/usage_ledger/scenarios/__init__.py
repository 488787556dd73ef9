"""Scenario files: given, when, then, played against the real ledger under a virtual clock. See the README."""
