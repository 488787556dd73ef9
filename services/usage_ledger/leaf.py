"""The leaf hash that every stored event carries from its first day.

``leaf = SHA-256(0x00 | shard u32 | position u64 | stream_version u64 | len(stream_id) u16 | stream_id | fingerprint 8 |
prev_leaf 32 | body)``, numbers big-endian, the fingerprint's bytes little-endian as in Avro's single-object encoding.
``prev_leaf`` is the leaf of the stream's previous event, so a stream is a chain; a shard's leaves in position order
are the leaves of an RFC 6962 tree. The store's incarnation is not in it: a restore keeps its proofs.
"""

from __future__ import annotations

import struct
from hashlib import sha256

NO_LEAF = bytes(32)
"""What stands as ``prev_leaf`` of a stream's first event."""

_PLACE = struct.Struct(">BIQQH")


def leaf_hash(
    shard: int, position: int, stream_id: str, stream_version: int, fingerprint: bytes, prev_leaf: bytes, body: bytes
) -> bytes:
    """The 32 bytes of one event's leaf."""
    stream = stream_id.encode()
    place = _PLACE.pack(0, shard, position, stream_version, len(stream))
    return sha256(b"".join((place, stream, fingerprint, prev_leaf, body))).digest()
