"""artgen makes art from pictures with convolutional networks."""
