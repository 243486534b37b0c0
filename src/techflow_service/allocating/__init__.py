"""One decision over the firms of an assessment: read, decide, compare, shock, write."""
