"""A technique on files: recipes, presets, checkpoints, films."""
