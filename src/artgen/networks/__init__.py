"""Feature networks: what they are, how they are read, in pieces if need be."""
