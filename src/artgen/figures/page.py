"""A page of plates on a map that can be moved and enlarged: one HTML file, which requests nothing.

Of each cell it has the plate and the patches that it is the average of, which are large enough to
be seen once the map is enlarged.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from torch import Tensor

from artgen import images

__all__ = ["MapCell", "map_page"]

QUALITY = 85  # of the pictures in the page
SCRIPT = """
const map = document.getElementById("map");
let scale = 1, x = 0, y = 0, last = null;
const show = () => { map.style.transform = `translate(${x}px,${y}px) scale(${scale})`; };
const fit = () => {
  const top = document.querySelector("p").offsetHeight, high = innerHeight - top;
  scale = Math.min(innerWidth / map.offsetWidth, high / map.offsetHeight) * 0.98;
  x = (innerWidth - map.offsetWidth * scale) / 2;
  y = top + (high - map.offsetHeight * scale) / 2;
  show();
};
const zoom = (factor, left, top) => {
  const next = Math.min(Math.max(scale * factor, 0.1), 20);
  x = left - (left - x) * next / scale;
  y = top - (top - y) * next / scale;
  scale = next;
  show();
};
addEventListener("wheel", event => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
}, { passive: false });
const fingers = new Map();
addEventListener("pointerdown", event => fingers.set(event.pointerId, event));
addEventListener("pointermove", event => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const other = [...fingers.values()].find(one => one.pointerId !== event.pointerId);
  if (other) {
    const apart = one => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    zoom(apart(event) / Math.max(apart(before), 1), other.clientX, other.clientY);
  } else {
    x += event.clientX - before.clientX;
    y += event.clientY - before.clientY;
    show();
  }
  fingers.set(event.pointerId, event);
});
for (const end of ["pointerup", "pointercancel"]) {
  addEventListener(end, event => fingers.delete(event.pointerId));
}
addEventListener("keydown", event => {
  const move = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  if (event.key === "+" || event.key === "=") zoom(1.25, innerWidth / 2, innerHeight / 2);
  else if (event.key === "-") zoom(0.8, innerWidth / 2, innerHeight / 2);
  else if (event.key === "0") fit();
  else if (move[event.key]) { x += 60 * move[event.key][0]; y += 60 * move[event.key][1]; show(); }
  else return;
  event.preventDefault();
});
addEventListener("resize", fit);
fit();
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'">
<title>{title}</title>
<style>
html, body {{ background: #171717; color: #e6e6e6; font: 14px/1.4 system-ui, sans-serif;
  height: 100%; margin: 0; overflow: hidden; touch-action: none; }}
p {{ background: #171717cc; left: 0; margin: 0; padding: 0.5rem 1rem; position: fixed; top: 0;
  z-index: 1; }}
#map {{ cursor: grab; display: grid; gap: 8px; left: 0; position: absolute; top: 0;
  grid-template-columns: repeat({columns}, {side}px); transform-origin: 0 0; user-select: none;
  width: max-content; }}
figure {{ margin: 0; }}
img {{ display: block; pointer-events: none; }}
.plate {{ height: {side}px; width: {side}px; }}
.patches {{ display: grid; gap: 1px; grid-template-columns: repeat({patches}, 1fr);
  margin-top: 1px; }}
.patches img {{ width: 100%; }}
figcaption {{ font-size: 5px; opacity: 0.7; }}
</style>
<p>{title}. Wheel or fingers: enlarge; drag: move; 0: the whole.</p>
<main id="map">
{cells}
</main>
<script>{script}</script>
</html>
"""


@dataclass(frozen=True)
class MapCell:
    """A cell of the map.

    Attributes:
        label: a few words.
        plate: (1, 3, h, w) in [0, 1], or (1, 4, h, w) with alpha.
        patches: what the plate stands for, (1, 3, s, s) each.
    """

    label: str
    plate: Tensor
    patches: Sequence[Tensor]


def map_page(title: str, cells: Sequence[MapCell | None], columns: int, side: int) -> str:
    """The page, as HTML.

    Args:
        title: a line about the map; escaped, as all text is.
        cells: row by row; None leaves a place empty.
        columns: of the map.
        side: of a plate on the page before it is enlarged, in pixels.
    """
    figures = "\n".join("<i></i>" if cell is None else _figure(cell) for cell in cells)
    patches = max((len(cell.patches) for cell in cells if cell is not None), default=1)
    return PAGE.format(
        title=escape(title),
        hash=base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode(),
        columns=columns,
        side=side,
        patches=max(patches, 1),
        cells=figures,
        script=SCRIPT,
    )


def _figure(cell: MapCell) -> str:
    patches = "".join(_image(one) for one in cell.patches)
    return (
        f"<figure>{_image(cell.plate, 'plate')}"
        f'<div class="patches">{patches}</div>'
        f"<figcaption>{escape(cell.label)}</figcaption></figure>"
    )


def _image(picture: Tensor, kind: str = "patch") -> str:
    """A picture (1, 3 or 4, h, w) as an element that holds it: JPEG, or PNG with alpha."""
    alpha = picture[:, 3:] if picture.shape[1] == 4 else None
    suffix = "jpg" if alpha is None else "png"
    data = images.encode(picture[:, :3], Path(f"x.{suffix}"), alpha=alpha, quality=QUALITY)
    text = base64.b64encode(data).decode()
    form = "jpeg" if alpha is None else "png"
    return f'<img class="{kind}" alt="" src="data:image/{form};base64,{text}">'
