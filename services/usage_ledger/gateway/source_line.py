"""What all sources share: an id from a line's place and content, and how a source says that it cannot be read."""

from hashlib import blake2b


class SourceInvalid(Exception):
    """The file as a whole is not what it should be; the text names the line and what was expected."""


def line_id(number: int, content: str) -> str:
    """The attempt id of a line: the same line at the same place has the same id in every run.

    Not the file's name, nor a digest of all of it: a file that was moved, or that has grown since, must not be charged
    a second time.
    """
    return f"line-{number}-{blake2b(content.encode(), digest_size=8).hexdigest()}"
