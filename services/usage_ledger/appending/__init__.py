"""What one append is made of: the cache of streams, the copy of the facts, the group and the decision."""
