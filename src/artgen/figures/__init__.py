"""Labelled sheets, bars and maps: pictures about pictures."""
