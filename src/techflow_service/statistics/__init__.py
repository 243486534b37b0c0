"""Statistics of technology loans from a store: tables fit to publish."""
