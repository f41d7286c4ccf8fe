"""Pictures in and out: the only room that knows file formats, colour profiles and metadata.

A picture is float32 sRGB in [0, 1], shape (1, 3, H, W); sizes are (height, width) in pixels.

    formats        what each format can hold, and how a file is recognised
    decoding       bytes to samples, at their full depth, by format:
                   by_pillow, tiff, jpeg_xl, openexr, radiance, netpbm, camera_raw
    decoded        what decoders return
    color_profile  samples to sRGB
    masks          masks with transparency
    hdr            PQ and HLG to sRGB
    metadata       EXIF that is kept, and the recipe that every picture carries
    reading        load, thumbnail, size_of, read_recipe
    picture        a finished picture with its recipe
    sources        pictures of any kind that Python knows
    animation      animated pictures, frame by frame
    bc7, dds       textures compressed for graphics cards, written only
    writing        check_output, save, encode, encode_data, encode_png, free_name
    folder         the pictures of a folder, read one at a time
    text           text as a mask, for the labels of a sheet
"""

from artgen.images.animation import (
    Animation,
    animation,
    animation_frames,
    is_animated,
    keep_recipe,
    mend_webp,
)
from artgen.images.dds import encode_dds
from artgen.images.folder import LoadedFolder, Pictures, load_folder
from artgen.images.picture import Picture
from artgen.images.reading import Loaded, load, read_recipe, size_of, thumbnail
from artgen.images.sources import Source, is_source, load_any
from artgen.images.text import lettering
from artgen.images.writing import (
    check_output,
    encode,
    encode_data,
    encode_png,
    free_name,
    save,
)

__all__ = [
    "Animation",
    "Loaded",
    "LoadedFolder",
    "Picture",
    "Pictures",
    "Source",
    "animation",
    "animation_frames",
    "check_output",
    "encode",
    "encode_data",
    "encode_dds",
    "encode_png",
    "free_name",
    "is_animated",
    "is_source",
    "keep_recipe",
    "lettering",
    "load",
    "load_any",
    "load_folder",
    "mend_webp",
    "read_recipe",
    "save",
    "size_of",
    "thumbnail",
]
