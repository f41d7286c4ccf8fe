"""What moves the pixels: canvases, optimisers, the loop over scales; memory, threads, the plan."""
