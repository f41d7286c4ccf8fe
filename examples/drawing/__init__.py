"""Pictures drawn by code: painted and printed styles, and ray-marched scenes."""
