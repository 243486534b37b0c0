"""Venture debt."""
