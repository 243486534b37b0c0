"""Sichuan fast guaranteed loans."""
