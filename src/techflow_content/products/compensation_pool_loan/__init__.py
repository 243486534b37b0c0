"""Loan backed by a compensation pool."""
