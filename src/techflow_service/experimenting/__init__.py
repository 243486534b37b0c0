"""Policy experiments: a change of law, terms or scheme through an assessed book."""
