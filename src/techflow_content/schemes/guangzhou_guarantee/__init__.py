"""Guangzhou credit-risk compensation, guarantee mode."""
