"""A technique applied to files: inputs, the loop over events, output, recipes, films."""
