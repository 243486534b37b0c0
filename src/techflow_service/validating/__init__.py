"""Validation of a card on labelled rows: measured, tested, and told in one page."""
