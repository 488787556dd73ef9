"""The scheduler: does what is due to accounts that nobody asks for. See the README."""
