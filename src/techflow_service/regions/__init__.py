"""Regions from a file of yearbook rows: rank, efficiency, effects, each with its page."""
