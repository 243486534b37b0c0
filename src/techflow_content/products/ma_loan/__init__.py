"""Loan for an acquisition."""
