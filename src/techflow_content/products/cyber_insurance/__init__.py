"""Cyber insurance."""
