"""Settings, registry, files and the events of a run; imports no torch."""
