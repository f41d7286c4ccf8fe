"""Dreams: a network's own forms brought out in a photo, at every size.

Mordvintsev, Olah & Tyka, Inceptionism: Going Deeper into Neural Networks, 2015 (google/deepdream):
the pixels climb until a layer answers more loudly, from small to large. Different from there: the
gradient's bands of frequency are made more even, so that forms of all sizes grow at once; the photo
is mirrored at its edge, so that no seam is dreamt of; and what does not fit is looked at in tiles.

Example: artgen dream photo.jpg --layer block4
"""

from artgen.techniques.dream.technique import Dream

__all__ = ["Dream"]
