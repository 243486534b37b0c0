"""IP-pledge loan."""
