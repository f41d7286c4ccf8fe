"""docs/python.md as a notebook: its text and its blocks of code, cell by cell.

Written by `scripts/docs.py`.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["notebook"]

FENCE = "```python\n"


def _cell(kind: str, text: str, number: int) -> dict[str, Any]:
    lines = text.strip().splitlines(keepends=True)
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return {**cell, "source": lines}


def notebook(page: str) -> str:
    """The notebook of a page in Markdown, as JSON of nbformat 4.5."""
    text, *blocks = page.split(FENCE)
    parts = [("markdown", text)]
    for block in blocks:
        code, _, text = block.partition("```\n")
        parts += [("code", code), ("markdown", text)]
    cells = [_cell(kind, part, n) for n, (kind, part) in enumerate(parts) if part.strip()]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
