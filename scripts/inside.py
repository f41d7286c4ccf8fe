"""Makes the pictures of docs/inside.md by the commands that stand there.

python scripts/inside.py             all of them
python scripts/inside.py kernels     one
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "inside.md"
COMMAND = re.compile(r"^artgen (see .* -o docs/inside/(\w+)\.jpg)$", re.MULTILINE)


def commands() -> dict[str, list[str]]:
    """Picture -> the words of the command that makes it."""
    text = PAGE.read_text(encoding="utf-8")
    return {found[2]: shlex.split(found[1]) for found in COMMAND.finditer(text)}


def main() -> int:
    known = commands()
    wanted = sys.argv[1:] or list(known)
    if unknown := set(wanted) - set(known):
        print(f"{PAGE.name} has no picture {', '.join(sorted(unknown))}.")
        return 2
    (ROOT / "docs" / "inside").mkdir(exist_ok=True)
    for name in wanted:
        command = [sys.executable, "-m", "artgen", *known[name], "--quality", "85"]
        if code := subprocess.run(command, cwd=ROOT).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
