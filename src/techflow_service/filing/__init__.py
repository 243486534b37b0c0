"""Files in the form an authority takes: from the books, with the columns of a content file."""
