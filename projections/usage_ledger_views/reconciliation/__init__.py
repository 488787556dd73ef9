"""Whether the views' figures follow from the lines of the journal: a question to several of them."""
