"""The commands that are not techniques, one file each; its first line is its summary in help."""
