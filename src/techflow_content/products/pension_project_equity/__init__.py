"""Pension money in projects."""
