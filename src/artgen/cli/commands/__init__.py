"""The commands that are no techniques, one file each: its first line is its help."""
