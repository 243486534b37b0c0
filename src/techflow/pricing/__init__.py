"""Pricing: how much a firm can carry, and the rate at which a loan breaks even."""
