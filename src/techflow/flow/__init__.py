"""Flow: the only place where rooms meet; one function per use case."""
