"""Shenzhen compensation pool for small firms, 2018 and 2019."""
