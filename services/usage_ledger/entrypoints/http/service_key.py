"""The text of a service key: ``ulk_<key_id>_<secret>``, the secret being 256 random bits (K1)."""

from __future__ import annotations

import re
import secrets
from typing import Final, NamedTuple

from usage_ledger.keys.secret_hash import hash_of_secret

_KEY: Final = re.compile(r"ulk_(?P<key_id>[0-9a-f]{16})_(?P<secret>[A-Za-z0-9_-]{43})")
_SECRET_BYTES: Final = 32


class KeyText(NamedTuple):
    """What a caller sent, in its parts."""

    key_id: str
    secret: str


class NewKey(NamedTuple):
    """A key being issued or rotated. ``text`` is shown once and kept nowhere; by ``prefix`` people recognise it."""

    key_id: str
    text: str
    prefix: str
    secret_hash: bytes


def new_key() -> NewKey:
    return key_with_new_secret(secrets.token_hex(8))


def key_with_new_secret(key_id: str) -> NewKey:
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    return NewKey(key_id, f"ulk_{key_id}_{secret}", f"ulk_{key_id}", hash_of_secret(secret))


def parse_key(text: str) -> KeyText | None:
    found = _KEY.fullmatch(text)
    return KeyText(found["key_id"], found["secret"]) if found else None
