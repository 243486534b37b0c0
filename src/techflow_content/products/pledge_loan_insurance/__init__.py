"""Insurance of an IP-pledge loan."""
