"""What moves the pixels: canvases, optimisers, the loop over scales, and a plan to fit memory."""
