"""Scanning a store for signs that a person should look at."""
