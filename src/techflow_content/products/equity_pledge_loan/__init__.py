"""Loan on pledged equity."""
