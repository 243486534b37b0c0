"""Statistics of technology loans: categories, cells, what may be published, early warning.

`attack` and `suppress` need the extra `statistics` and are imported by name.
"""
