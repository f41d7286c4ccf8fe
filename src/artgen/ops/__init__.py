"""Tensor in, tensor out: resizing, transforms, colour, optical flow, numerics; arrays, too."""
