"""From the text of a file to cases; whatever is wrong with the text is said with its place."""
