"""What moves the pixels: canvases, optimisers, the loop, and a plan that fits memory."""
