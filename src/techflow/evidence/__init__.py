"""Evidence: what was known when; records, corrections, replays."""
