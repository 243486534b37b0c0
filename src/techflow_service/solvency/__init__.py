"""A scheme over a simulated book: is the pool solvent, who bears what, at what fee."""
