"""Guangzhou credit-risk compensation, bank mode."""
