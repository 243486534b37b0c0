"""Statistics of technology loans: categories, cells, what may be published.

`attack` and `suppress` need the extra `statistics` and are imported by name.
"""
