"""Where a case is played: a ledger in memory, or one on a database that is thrown away."""
