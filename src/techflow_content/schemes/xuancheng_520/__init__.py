"""Xuancheng 520: five parties, a fifth each."""
