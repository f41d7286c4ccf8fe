#!/usr/bin/env bash
# Pillow loses the transparency of an animated WebP that it saves itself.
#
# Seen with Pillow 13.0.0. Three frames of 64 x 48 pixels are transparent but for an opaque rectangle
# of 32 x 48. Saved with its default settings (lossy) and opened again, the animation has mode RGB,
# and what was transparent is opaque black; saved with lossless=True it is as it was:
#
#     lossy RGB (0, 0, 0, 255)      lossless RGBA (0, 0, 0, 0)
#
# libwebp's encoder of animations crops each frame to what is not transparent. If that is opaque, the
# frames have no alpha, and the encoder leaves out the flag of alpha in the header (bit 4 of byte 20),
# though most of the canvas is covered by no frame. With the flag set by hand, Pillow reads the same
# file as it should. ffmpeg's libwebp_anim, which uses the same encoder, writes the same.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pillow==13.0.0
cd "$folder"
"$folder/venv/bin/python" - > seen.txt << 'PYTHON'
import io

from PIL import Image


def shown(name, data):
    picture = Image.open(io.BytesIO(data))
    print(name, picture.mode, picture.convert("RGBA").getpixel((60, 40)))


frames = []
for number in range(3):
    frame = Image.new("RGBA", (64, 48), (200, 30, 20, 0))
    frame.paste((200, 60 * number, 20, 255), (0, 0, 32, 48))
    frames.append(frame)
for name, lossless in (("lossy", False), ("lossless", True)):
    file = io.BytesIO()
    more = {"save_all": True, "append_images": frames[1:], "duration": 100, "lossless": lossless}
    frames[0].save(file, "WEBP", **more)
    shown(name, file.getvalue())
    flagged = bytearray(file.getvalue())
    flagged[20] |= 0x10
    shown(f"{name}, flag set", bytes(flagged))
PYTHON
cat seen.txt
diff seen.txt - << 'EXPECTED'
lossy RGB (0, 0, 0, 255)
lossy, flag set RGBA (0, 0, 0, 0)
lossless RGBA (0, 0, 0, 0)
lossless, flag set RGBA (0, 0, 0, 0)
EXPECTED
echo "As it was."
