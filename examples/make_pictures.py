"""Draw the project's pictures again: nine styles into styles/, six scenes into examples/.

    python examples/make_pictures.py [NAME ...] [--out DIR]

Everything is drawn by the code in examples/drawing from fixed seeds; no picture is downloaded.
"""

import argparse
import time
from pathlib import Path

from drawing import paint
from drawing.scenes import SCENES
from drawing.styles import SEEDS, SIZES, STYLES

ROOT = Path(__file__).resolve().parent.parent
SCENE_SIZES = {
    "frog": (960, 680),
    "town": (960, 680),
    "mountain": (960, 640),
    "duck": (960, 680),
    "cat": (768, 960),
    "portrait": (768, 960),
}
SCENE_SEED = 1


def draw(name: str, out: Path | None) -> Path:
    """Draw one picture and save it where it belongs, or into `out`."""
    if name in STYLES:
        picture = STYLES[name](SIZES[name], SEEDS[name])
        folder = out or ROOT / "styles"
    else:
        picture = SCENES[name](SCENE_SIZES[name], SCENE_SEED)
        folder = out or ROOT / "examples"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jpg"
    paint.save_jpeg(picture, path)
    return path


def main() -> None:
    """Read the command line and draw what it names, or everything."""
    parser = argparse.ArgumentParser(description="Draw the style and content pictures.")
    names = [*STYLES, *SCENES]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(names)}")
    parser.add_argument("--out", type=Path, metavar="DIR", help="save all of them here instead")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in names]
    if unknown:
        parser.error(f"no such picture: {', '.join(unknown)} (there are: {', '.join(names)})")
    for name in arguments.names or names:
        start = time.perf_counter()
        path = draw(name, arguments.out)
        size = path.stat().st_size
        print(f"{path}  {size:,} bytes  {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
