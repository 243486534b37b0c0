"""Loan with a guarantee company."""
