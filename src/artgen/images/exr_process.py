"""Decodes an EXR file in a process of its own: its bytes on stdin, channels' floats on stdout.

At damaged data the OpenEXR package prints on stderr and on stdout, where a picture or events may be
on their way; its older interface raises errors instead, but can crash. Here what it prints is an
error. The file is run as a script, so that nothing else of artgen has to be imported: PART
CHANNEL...
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO

__all__ = ["planes"]


def planes(data: bytes, part: int, names: Sequence[str]) -> bytes:
    """Channels of one part of an EXR file, each as float32 samples of the data window.

    Raises:
        ValueError: for damaged data.
    """
    done = subprocess.run(
        [sys.executable, __file__, str(part), *names], input=data, capture_output=True
    )
    if done.returncode or done.stderr:
        raise ValueError(done.stderr.decode("utf-8", "replace"))
    return done.stdout


def _main(part: str, *names: str) -> None:
    import numpy as np
    import OpenEXR

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # it prints on both
    file = OpenEXR.File(BytesIO(sys.stdin.buffer.read()), separate_channels=True, num_threads=0)
    channels = file.parts[int(part)].channels
    with out:
        for name in names:
            out.write(np.ascontiguousarray(channels[name].pixels, np.float32).tobytes())


if __name__ == "__main__":
    _main(*sys.argv[1:])
