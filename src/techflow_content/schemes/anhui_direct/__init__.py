"""Anhui compensation pool, direct loans."""
