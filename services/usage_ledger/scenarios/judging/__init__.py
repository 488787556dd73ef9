"""What a case expects, held against what became of it."""
