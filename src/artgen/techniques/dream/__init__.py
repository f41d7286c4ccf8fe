"""DeepDream: amplify in a photo the patterns that a network's layer responds to.

Mordvintsev, Olah & Tyka, Inceptionism: Going Deeper into Neural Networks, 2015 (google/deepdream):
gradient ascent on the pixels until a layer responds more strongly, from small to large sizes.
Different from there: the gradient's frequency bands are equalised in part, so that forms of all
sizes grow at once; the photo is mirrored at its edge, so that no border shows in the dream; and
what does not fit into memory is computed in tiles.

Example: artgen dream photo.jpg --layer block4
"""

from artgen.techniques.dream.technique import Dream

__all__ = ["Dream"]
