"""Policies as folders: rule, parameters, cases."""
