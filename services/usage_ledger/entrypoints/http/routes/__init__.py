"""Routes by resource. A write is a row of data (``Write``); a read is a function."""
