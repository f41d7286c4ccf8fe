"""The documentation says what the code does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from pictures import smooth

from artgen import images
from artgen.ops.resize import resize

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What a user does with a new file of techniques/, which lies in the folder `new` here.
AS_IF_THERE = """
from artgen import techniques
techniques.__path__.append("new")
from artgen.cli.app import run
quick = "--net tiny --size 48 --iterations 8 --device cpu --precision float32"
made = f"soften photo.png -o soft.png {quick}"
for words in ("soften --help", made, "again soft.png -o again.png"):
    try:
        run(words.split())
    except SystemExit as end:
        assert not end.code, words
import artgen
settings = dict(net="tiny", size=48, iterations=8, device="cpu", precision="float32")
artgen.save(artgen.soften(artgen.load("photo.png"), **settings), "function.png")
"""


def test_what_is_written_by_make_docs_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "docs.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_points_to_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [part.split(")")[0].partition("#")[0] for part in text.split("](")[1:]]
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


def test_the_notebook_runs_cell_by_cell(tmp_path: Path) -> None:
    page = json.loads((ROOT / "docs" / "python.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in page["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 5
    images.save(smooth(60, 80, seed=1), tmp_path / "photo.jpg")
    done = subprocess.run(
        [sys.executable, "-c", "\n\n".join(cells)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["50.0 (256, 192)", "There is no file no-such.jpg."]
    assert {path.name for path in tmp_path.iterdir()} == {
        *("photo.jpg", "out.png", "photo-starry.png", "photo-wave.png")
    }


def test_the_new_technique_of_its_page_is_a_command(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "new-technique.md").read_text(encoding="utf-8")
    block = page.partition("```python\n")[2].partition("```")[0]
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "soften.py").write_text(block, encoding="utf-8")
    images.save(smooth(49, 67, seed=1), tmp_path / "photo.png")
    done = subprocess.run(
        [sys.executable, "-c", AS_IF_THERE], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for words in ("Make a photo soft", "--smoothness", "[default: 200.0]", "--net"):
        assert words in done.stdout
    soft, photo = (images.load(tmp_path / f"{one}.png").picture for one in ("soft", "photo"))
    assert soft.shape == (1, 3, 35, 48)
    assert soft.diff(dim=3).abs().mean() < 0.8 * resize(photo, (35, 48)).diff(dim=3).abs().mean()
    assert torch.equal(soft, images.load(tmp_path / "again.png").picture)
    assert torch.equal(soft, images.load(tmp_path / "function.png").picture)
