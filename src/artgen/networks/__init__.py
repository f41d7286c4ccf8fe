"""Feature networks: their layers, weights and activations, in one piece or in tiles."""
