"""Anhui 4321 split of guaranteed loans."""
