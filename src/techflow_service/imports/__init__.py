"""Imports: files of others become evidence, or quarantine with a reason."""
