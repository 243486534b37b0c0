"""Training: from a store to the fitted half of a card. Needs the extra `train`."""
