"""Regions: indicators, efficiency, rank with uncertainty, and what can be said of causes.

The efficiency kernels (`techflow.region.efficiency`, `techflow.region.bootstrap`) need the extra
`simulate` and are not imported here.
"""
