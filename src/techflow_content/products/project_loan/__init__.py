"""Loan for a science and technology project."""
