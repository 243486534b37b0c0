"""Innovation on files: technology flow of firms, fields that emerge."""
