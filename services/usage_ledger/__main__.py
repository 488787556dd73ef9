"""`python -m usage_ledger` is the command line, wherever the console script may be."""

from usage_ledger.entrypoints.cli import main

main()
