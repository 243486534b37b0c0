"""Credit: cards that turn a profile into a default probability, a grade and reasons."""
