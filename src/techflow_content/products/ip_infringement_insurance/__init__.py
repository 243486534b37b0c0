"""Insurance of IP infringement."""
