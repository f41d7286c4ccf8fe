"""Writes what the documentation has from the code: settings, and the rooms of the package.

docs/reference.md is the settings of every technique, from where their defaults are written, and the
table of picture formats; the table of rooms in docs/architecture.md is the rooms' docstrings and
imports; that of limits in docs/reliability.md is the constants that set them;
src/artgen/__init__.pyi has the types of the functions (`stubs.py`), docs/python.ipynb is
docs/python.md as a notebook.

python scripts/docs.py           writes all of them
python scripts/docs.py --check   exits with 1 where what is written is not what the code says
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from notebook import notebook
from stubs import stubs

from artgen.core.defaults import MAX_PIXELS, MOST_CELL, MOST_SIDE
from artgen.core.schema import Field, fields_of
from artgen.core.tensor_files import MOST_HEADER, MOST_TENSORS
from artgen.core.toml import MOST_DOTS, MOST_INPUTS, MOST_TEXT
from artgen.errors import QUOTED
from artgen.images.decoded import MOST_CHANNELS
from artgen.images.formats import FORMATS, WITHOUT_LIMIT, Format
from artgen.networks.weights.keras import LARGEST
from artgen.optim.plan import LONGEST
from artgen.runs.following import Following
from artgen.runs.teaching import Training
from artgen.studio.clips import MOST_CLIP_BYTES, MOST_CLIP_PIXELS, MOST_FRAMES
from artgen.studio.pictures import MOST_BYTES, MOST_PIXELS
from artgen.studio.routes import MOST_JSON
from artgen.studio.running import PATIENCE
from artgen.studio.security import LASTS
from artgen.techniques import summaries, technique

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "artgen"
REFERENCE, ARCHITECTURE = ROOT / "docs" / "reference.md", ROOT / "docs" / "architecture.md"
STUBS, RELIABILITY = SOURCE / "__init__.pyi", ROOT / "docs" / "reliability.md"
PYTHON = ROOT / "docs" / "python.md"
FORMATS_HEAD = """## Picture formats

A picture is recognised by its first bytes, whatever its name; TGA, which has no signature, by name
and header, and so are most kinds of camera raw.
"""
LIGHT = """\
Linear light is shown by one rule: it is multiplied by 2 to the power of `--exposure`, and 1 is
white. Where a picture has more than white after that, what is above 0.7 is compressed by a curve
on which its brightest place is white. A picture that has no more than white comes out as it is.

A mask is white where it counts. Transparent counts as black; where what is seen has one colour, or
is a photo that was cut out, its alpha is the mask. A mask in two colours, whichever, counts as
black and white.
"""
HEAD = """# Reference

Every setting of every technique: as an option of the command (`--style-loss gram`) and, under the
same name with underscores, as a key of a recipe (`style_loss = "gram"`). This page is written by
`make docs` from the settings themselves.
"""


def _limits(field: Field) -> str:
    option = field.option
    if option.choices:
        return ", ".join(f"`{choice}`" for choice in option.choices) + (
            ", or a file" if option.file else ""
        )
    least = "" if option.least is None else f"from {option.least:g}"
    most = "" if option.most is None else f"to {option.most:g}"
    return " ".join(part for part in (least, most) if part)


def _row(field: Field) -> str:
    name = field.word.upper() if field.option.positional else field.flag
    flags = f"`{name}`" + (f", `-{field.option.short}`" if field.option.short else "")
    none = field.option.positional or field.default in ("", ())
    default = "" if none else f"`{field.default}`"
    return f"| {flags} | {field.option.help} | {default} | {_limits(field)} |"


def _section(command: str, line: str, kind: type) -> list[str]:
    head = "| option | what it is | default | values |\n|---|---|---|---|"
    rows = [_row(field) for field in fields_of(kind)]
    return [f"## artgen {command}\n\n{line}.\n", head, *rows, ""]


def _bits(one: Format) -> str:
    said = {"EXR": "half (8), float (16)"}
    return said.get(one.name, " or ".join(map(str, one.bits))) if one.writes else "no"


def _formats() -> str:
    """The table of picture formats."""
    head = "| format | extensions | read, bits | written, bits | alpha | colours | limits |"
    rows = []
    for one in FORMATS:
        extensions = " ".join(f"`{suffix}`" for suffix in one.suffixes)
        read = one.read + (f" (`pip install {one.package}`)" if one.package else "")
        alpha = "yes" if one.alpha else "no"
        side = one.max_side if one.writes else WITHOUT_LIMIT
        limits = [one.limits] * bool(one.limits)
        limits += [f"written up to {side} px a side"] * (side < WITHOUT_LIMIT)
        cells = (one.name, extensions, read, _bits(one), alpha, one.colours, "; ".join(limits))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([FORMATS_HEAD, head, "|---" * 7 + "|", *rows, "", LIGHT])


def reference() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, line in summaries().items():
        parts += _section(name.replace("_", " "), line, technique(name))
    parts += _section("fast follow", "Settings of a training; no recipe has them", Following)
    parts += _section("fast train", "Settings of a training; no recipe has them", Training)
    parts.append(_formats())
    return "\n".join(parts)


def _room(entry: Path) -> tuple[str, list[str]]:
    """What a room is for, by its docstring's first paragraph, and the names of what is in it."""
    init = entry / "__init__.py" if entry.is_dir() else entry
    text = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    inside = sorted(entry.iterdir()) if entry.is_dir() else []
    names = [f"{one.name}/" for one in inside if (one / "__init__.py").exists()]
    names += [one.stem for one in inside if one.suffix == ".py" and one.stem[0] != "_"]
    return " ".join(text.split("\n\n")[0].split()), names


def _imported(entry: Path) -> Iterator[str]:
    """The rooms that a room imports."""
    for file in entry.rglob("*.py") if entry.is_dir() else [entry]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("artgen."):
                yield (node.module or "").split(".")[1]
            elif isinstance(node, ast.ImportFrom) and node.module == "artgen":
                yield from (alias.name for alias in node.names)


def rooms() -> str:
    """The table of rooms, the lowest floor first; a room stands just above all that it imports."""
    entries = {
        entry.stem: entry
        for entry in SOURCE.iterdir()
        if entry.stem[0] != "_" and (entry.suffix == ".py" or (entry / "__init__.py").exists())
    }
    below = {name: {*_imported(entry)} & {*entries} - {name} for name, entry in entries.items()}
    floors: dict[str, int] = {}
    while waiting := [name for name in entries if name not in floors]:
        ready = [name for name in waiting if below[name] <= floors.keys()]
        assert ready, f"rooms that import each other: {waiting}"
        floors |= {x: 1 + max((floors[one] for one in below[x]), default=0) for x in ready}
    table = ["| floor | room | what it is for | what is in it |", "|---|---|---|---|"]
    for name in sorted(entries, key=lambda name: (floors[name], name)):
        sentence, names = _room(entries[name])
        shown = f"{name}/" if entries[name].is_dir() else f"{name}.py"
        table.append(f"| {floors[name]} | `{shown}` | {sentence} | {', '.join(names)} |")
    return "\n".join(table) + "\n"


def limits() -> str:
    """The table of limits."""
    rows = {
        "an input picture": f"{MAX_PIXELS:,} px (`--max-pixels` sets another limit), "
        f"{MOST_CHANNELS} channels",
        "a side of a picture that is made": f"{MOST_SIDE:,} px; on a sheet {MOST_CELL:,} px",
        "the estimated time of a run": f"{LONGEST // 86400} days",
        "a recipe or preset": f"{MOST_TEXT >> 10} KB, {MOST_INPUTS:,} inputs, {MOST_DOTS} dots on "
        "a line",
        "a file of weights": f"{LARGEST >> 30} GiB, {MOST_TENSORS:,} tensors, {MOST_HEADER >> 20} "
        "MB of names",
        "a quotation in a message": f"{QUOTED} characters",
        "an upload of the page": f"{MOST_BYTES >> 20} MB, {MOST_PIXELS:,} px",
        "a film for the page": f"{MOST_CLIP_BYTES >> 20} MB, {MOST_FRAMES:,} frames of "
        f"{MOST_CLIP_PIXELS:,} px",
        "another request of the page": f"{MOST_JSON >> 10} KB",
        "the code on a browser's command line": f"one request, within {LASTS:g} s",
        "the worker of a deleted job": f"{PATIENCE:g} s to leave it",
    }
    lines = ["| what | at most |", "|---|---|", *(f"| {key} | {rows[key]} |" for key in rows)]
    return "\n".join(lines) + "\n"


def anew(page: Path, name: str, table: str) -> str:
    """A page as it is, with one of its tables anew."""
    begin, end = f"<!-- {name}: written by make docs -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{table}\n{end}{after}"


def pages() -> dict[Path, str]:
    """Every page that has something of the code, as it should be."""
    return {
        REFERENCE: reference(),
        ARCHITECTURE: anew(ARCHITECTURE, "rooms", rooms()),
        RELIABILITY: anew(RELIABILITY, "limits", limits()),
        STUBS: stubs(),
        PYTHON.with_suffix(".ipynb"): notebook(PYTHON.read_text(encoding="utf-8")),
    }


def main() -> int:
    code = 0
    for page, text in pages().items():
        if "--check" not in sys.argv[1:]:
            page.write_text(text, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            print(f"{page.relative_to(ROOT)} is behind the code: run `make docs`.")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
