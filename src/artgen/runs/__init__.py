"""A technique on files: recipes, presets, checkpoints, films, and styles found by name."""
