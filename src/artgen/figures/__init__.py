"""Labelled sheets, bar charts and colour maps."""
