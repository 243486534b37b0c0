"""Institutions: branches beside what their customers would lead one to expect, and chance."""
