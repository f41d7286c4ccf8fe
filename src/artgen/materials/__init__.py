"""Sets of maps for game engines: what each map is, how it is packed and named, glTF scenes."""
