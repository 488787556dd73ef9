"""The contract between the write side and everybody who reads events."""
