"""A technique on files, once for all: inputs, the loop over events, output, recipes, films."""
