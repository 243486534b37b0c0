"""Market match of files. Its kernels need the extra `simulate`; nothing is imported here."""
