"""Zhuhai compensation for technology credit."""
