"""Pure, columnar technology-finance library: no I/O, no clock, no engine."""

__version__ = "0.1.0"
