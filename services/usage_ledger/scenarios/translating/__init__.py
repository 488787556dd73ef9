"""From the commands of a scenario, which speak in labels, to commands of the ledger."""
