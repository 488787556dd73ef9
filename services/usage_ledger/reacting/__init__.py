"""The reactor: answers facts with commands. See the README."""
