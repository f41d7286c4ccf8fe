"""Tensor in, tensor out: resizing, transforms, colour, optical flow, small numerics."""
