"""What is kept of a secret."""

from __future__ import annotations

from hashlib import sha256


def hash_of_secret(secret: str) -> bytes:
    """SHA-256: the secret has 256 random bits, so a slow hash would protect nothing and cost every request."""
    return sha256(secret.encode()).digest()
