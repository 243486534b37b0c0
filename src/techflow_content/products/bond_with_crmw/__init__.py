"""Technology bond with a CRMW."""
