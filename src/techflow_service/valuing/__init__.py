"""Valuing and pledging patents of a file."""
