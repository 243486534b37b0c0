"""Lease of research equipment."""
