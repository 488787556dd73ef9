"""Billing modes by commands: a workspace as it is, one command, and what its mode and its next run are then."""
