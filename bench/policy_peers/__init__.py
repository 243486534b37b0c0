"""Peers of the policy engine; each file runs in the peers' environment, never in ours."""
