"""Networks that paint in one pass: built, trained, read from files, put to work."""
