#!/usr/bin/env bash
# imagecodecs labels JPEG XL of more than 8 bits as linear light, whatever its numbers are.
#
# Seen with imagecodecs 2026.3.6, and read with pillow-jxl-plugin 1.3.8. `jpegxl_encode` has no
# argument for the colour space's curve: uint8 becomes sRGB, and uint16 and float32 linear sRGB. A
# grey of 0.5 in sRGB, written with 16 bits, is shown by others as light of 0.5, which is 0.735 in
# sRGB:
#
#     uint8 sRGB      uint16 RGB_D65_SRG_Rel_Lin      float32 RGB_D65_SRG_Rel_Lin
#
# It matters for pictures of 16 bits: whoever writes them has to give linear light. And
# `jpegxl_decode` returns such numbers without saying that they are linear: whoever reads has to look
# into the file's header.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet imagecodecs==2026.3.6 pillow-jxl-plugin==1.3.8
cd "$folder"
"$folder/venv/bin/python" - > seen.txt << 'PYTHON'
import io

import imagecodecs
import numpy as np
import pillow_jxl  # noqa: F401
from PIL import Image, ImageCms

for kind, top in (("uint8", 255), ("uint16", 65535), ("float32", 1)):
    grey = (np.full((16, 16, 3), 0.5) * top).astype(kind)
    data = imagecodecs.jpegxl_encode(grey, lossless=True)
    profile = Image.open(io.BytesIO(data)).info["icc_profile"]
    print(kind, ImageCms.getProfileDescription(io.BytesIO(profile)).strip())
PYTHON
cat seen.txt
diff seen.txt - << 'EXPECTED'
uint8 sRGB
uint16 RGB_D65_SRG_Rel_Lin
float32 RGB_D65_SRG_Rel_Lin
EXPECTED
echo "As it was."
