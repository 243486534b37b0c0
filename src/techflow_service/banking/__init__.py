"""Banks and their branches in technology finance, from the books of a store."""
