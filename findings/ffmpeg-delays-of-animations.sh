#!/usr/bin/env bash
# ffmpeg changes the delays of an animated GIF that it makes into WebP or APNG.
#
# Seen with ffmpeg n9.0.2 (of imageio-ffmpeg 0.8.1) and read with Pillow 13.0.0. A GIF of three
# frames is shown for 100, 300 and 700 ms. `ffmpeg -i in.gif OUT` makes of that
#
#     WebP  150 300 225      APNG  150 300 300      GIF  150 300 750
#
# for the GIF's frames a second become one constant rate, to which all delays are rounded. With
# `-fps_mode passthrough -enc_time_base 1:1000` only the last frame's delay is lost: the muxers of
# WebP and APNG do not use the duration that its packet has, as the muxer of GIF does:
#
#     WebP  100 300 200      APNG  100 300 300      GIF  100 300 700
#
# It matters for animations that rest on their last picture: whoever writes them with ffmpeg has to
# set the last delay afterwards.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet imageio-ffmpeg==0.8.1 pillow==13.0.0
cd "$folder"
"$folder/venv/bin/python" - > seen.txt << 'PYTHON'
import subprocess

import imageio_ffmpeg
from PIL import Image


def delays(path):
    picture, found = Image.open(path), []
    for index in range(picture.n_frames):
        picture.seek(index)
        picture.load()
        found.append(round(picture.info["duration"]))
    return " ".join(map(str, found))


frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
frames[0].save("in.gif", save_all=True, append_images=frames[1:], duration=[100, 300, 700], loop=0)
print("in.gif", delays("in.gif"))
ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
for how in ([], ["-fps_mode", "passthrough", "-enc_time_base", "1:1000"]):
    for name, kind in (("out.webp", "webp"), ("out.png", "apng"), ("out.gif", "gif")):
        command = [ffmpeg, "-y", "-loglevel", "error", "-i", "in.gif", *how, "-f", kind, name]
        subprocess.run(command, check=True)
        print(kind, "exact" if how else "plain", delays(name))
PYTHON
cat seen.txt
diff seen.txt - << 'EXPECTED'
in.gif 100 300 700
webp plain 150 300 225
apng plain 150 300 300
gif plain 150 300 750
webp exact 100 300 200
apng exact 100 300 300
gif exact 100 300 700
EXPECTED
echo "As it was."
