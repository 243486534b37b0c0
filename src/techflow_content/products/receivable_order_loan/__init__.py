"""Loan on receivables and orders."""
