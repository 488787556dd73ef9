"""Measures the ledger from outside, beside a plain SQL ledger and beside bare writing. The product does not use it."""
