"""Optimisation of a picture: canvases, optimisers, the loop over scales; memory, threads, plan."""
