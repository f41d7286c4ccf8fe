"""Tensor in, tensor out: resizing, moves, colours, optical flow, small numerics."""
