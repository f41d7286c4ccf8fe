"""A batch as one self-contained HTML page: each picture before and after, and what failed.

File names come from anybody: all text is escaped, and the page allows no script and no request.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from artgen import images, video
from artgen.errors import PictureError
from artgen.jobs.ledger import Entry
from artgen.jobs.messages import Job
from artgen.jobs.storage import Outputs, fetched
from artgen.ops.resize import fit, resize

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["NAME", "report"]

NAME = "report.html"
SIDE = 320  # px of a thumbnail, shown at half of that on a high-resolution screen
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }}
body {{ margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; overflow-wrap: anywhere; }}
h2 {{ font-size: 1.1rem; }}
ul.failed {{ border-left: 4px solid #c33; margin: 0; padding: 0.5rem 1rem 0.5rem 2rem; }}
li, figcaption {{ overflow-wrap: anywhere; }}
main {{ display: grid; gap: 1.5rem; margin-top: 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(21rem, 1fr)); }}
figure {{ margin: 0; }}
.pair {{ align-items: center; display: grid; gap: 2px; grid-template-columns: 1fr 1fr; }}
img {{ display: block; height: auto; width: 100%; }}
.none {{ font-style: italic; opacity: 0.6; text-align: center; }}
small {{ opacity: 0.7; }}
</style>
<h1>{title}</h1>
<p>{counts}</p>
{failed}
<main>
{pictures}
</main>
</html>
"""


def report(
    title: str,
    jobs: Sequence[Job],
    failed: Mapping[str, str],
    entries: Mapping[str, Entry],
    outputs: Outputs,
) -> str:
    """The page.

    Args:
        title: a line about the batch.
        jobs: all jobs of the batch.
        failed: output -> reason of the failure.
        entries: the ledger's.
        outputs: where the pictures are.
    """
    made = [job for job in jobs if job.output not in failed]
    lines = [
        f"<li><b>{escape(job.name)}</b>: {escape(failed[job.output])}</li>"
        for job in jobs
        if job.output in failed
    ]
    head = '<h2>Failed</h2>\n<ul class="failed">\n' + "\n".join(lines) + "\n</ul>" if lines else ""
    return PAGE.format(
        title=escape(title),
        counts=f"{len(made)} of {len(jobs)} pictures made.",
        failed=head,
        pictures="\n".join(_figure(job, entries.get(job.output), outputs) for job in made),
    )


def _figure(job: Job, entry: Entry | None, outputs: Outputs) -> str:
    before = next(iter(job.inputs.values()), ("",))[0]
    seconds = f" <small>{entry.seconds:.1f} s</small>" if entry and entry.seconds else ""
    return (
        f'<figure>\n<div class="pair">{_picture(before, f"{job.name}, before")}'
        f"{_picture(outputs.source(job.output), f'{job.name}, after')}</div>\n"
        f"<figcaption>{escape(job.output)}{seconds}</figcaption>\n</figure>"
    )


def _small(path: Path) -> Tensor:
    """A picture, or a film's first frame, reduced: (1, 3, H, W)."""
    if not video.is_film(path):
        return images.thumbnail(path, SIDE)
    first = next(video.frames(video.probe(path)))
    return resize(first, fit((first.shape[-2], first.shape[-1]), SIDE))


def _picture(source: str, words: str) -> str:
    """A thumbnail embedded in the page, or a word if there is none."""
    if not source:
        return '<span class="none">of all inputs</span>'
    try:
        with fetched(source) as path:
            small = _small(path)
    except PictureError:
        return '<span class="none">not there</span>'
    data = base64.b64encode(images.encode(small, Path("small.jpg"), quality=80)).decode()
    height, width = small.shape[-2:]
    return (
        f'<img src="data:image/jpeg;base64,{data}" alt="{escape(words)}" '
        f'width="{width}" height="{height}" loading="lazy">'
    )
