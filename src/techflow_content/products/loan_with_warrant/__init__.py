"""Loan with warrant."""
