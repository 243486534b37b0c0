"""Structure of the tables, step by step."""
