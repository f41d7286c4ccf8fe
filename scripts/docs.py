"""Writes docs/reference.md, the settings of every technique, from where their defaults are written.

python scripts/docs.py           writes it
python scripts/docs.py --check   exits with 1 where what is written is not what the code says
"""

from __future__ import annotations

import sys
from pathlib import Path

from artgen.core.schema import Field, fields_of
from artgen.runs.teaching import Training
from artgen.techniques import summaries, technique

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference.md"
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


def reference() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, line in summaries().items():
        parts += _section(name.replace("_", " "), line, technique(name))
    parts += _section("fast train", "Settings of a training; no recipe has them", Training)
    return "\n".join(parts)


def main() -> int:
    if "--check" in sys.argv[1:]:
        same = REFERENCE.exists() and REFERENCE.read_text(encoding="utf-8") == reference()
        if not same:
            print("docs/reference.md is behind the code: run `make docs`.")
        return 0 if same else 1
    REFERENCE.write_text(reference(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
