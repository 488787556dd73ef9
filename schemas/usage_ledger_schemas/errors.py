"""What goes wrong at the contract's border. All are ``ValueError``s: the bytes or the record are to blame."""

from __future__ import annotations


class SchemaRefused(ValueError):
    """A schema file uses what the contract does not allow, or is not compatible with its other versions."""


class UnencodableRecord(ValueError):
    """A record does not fit its schema exactly: nothing was written."""


class UndecodableRecord(ValueError):
    """Bytes are not one record of their schema, or not in the encoding that a trust boundary wants."""


class UnknownFingerprint(UndecodableRecord):
    """No schema of this release has the fingerprint: a newer writer, or not ours at all."""
