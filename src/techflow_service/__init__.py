"""The shell: command line, store, imports, report. It reads, calls `flow`, collects, shows."""
