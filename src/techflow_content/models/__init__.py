"""Model cards as folders: recipe and fitted coefficients."""
