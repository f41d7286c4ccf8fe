"""Settings, registries, files and the events of a run: what everything stands on; no torch."""
