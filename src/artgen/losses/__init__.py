"""Losses as weighted terms, and their gradient, in one piece or in tiles."""
