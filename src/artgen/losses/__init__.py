"""Terms that pull at a picture, and their gradient, in one piece or in tiles."""
