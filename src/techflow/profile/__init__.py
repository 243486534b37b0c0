"""Profile: features of a firm from invoices, statements and patents."""
