"""The backstop fund: content in, figures and a page out."""
