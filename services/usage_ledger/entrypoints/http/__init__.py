"""The HTTP door: requests become commands or questions, outcomes become answers. No rule of the ledger is here."""
