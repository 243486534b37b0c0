"""Long-term capital: files in, figures and pages out."""
