"""The demo: one trace through the whole ledger, over HTTP like any gateway, and the proof that nothing was lost."""
