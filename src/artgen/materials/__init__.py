"""Sets of maps for engines: what each map is, how an engine packs and names it, glTF scenes."""
