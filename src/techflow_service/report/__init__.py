"""Report: one self-contained page."""
