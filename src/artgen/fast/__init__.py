"""Feed-forward networks, which paint in one pass: layers, training, files, inference, graphs."""
