"""Every chore of this project as one command: `python scripts/dev.py test`, or `make test`.

It needs Python 3.10 and nothing else. The first command makes `.venv` and installs artgen there,
with uv where that is found and with pip where not; the next one starts at once, until
`pyproject.toml` changes. CI runs these same commands, on Linux, macOS and Windows.

Set ARTGEN_TORCH_INDEX to take torch from another package index, such as the one with the small
CPU builds.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed-from.sha256"  # what the environment was made of
OUT = ROOT / "out"

OLDEST_PYTHON = (3, 10)
TESTS = "not (gpu or network or shared)"
LEFTOVERS = ("build", "dist", "out", ".mypy_cache", ".pytest_cache", ".ruff_cache")
SOURCES = ("benchmarks", "examples", "scripts", "src", "tests", "training")


def main() -> int:
    parser = argparse.ArgumentParser(description="The chores of this project.")
    commands = parser.add_subparsers(dest="name", metavar="COMMAND", required=True)
    for name, chore in CHORES.items():
        commands.add_parser(name, help=chore.__doc__, add_help=False)
    chosen, arguments = parser.parse_known_args()
    try:
        if chosen.name != "clean":
            prepare()
        return CHORES[chosen.name](arguments)
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        return 130


# The chores: each takes what follows its name on the command line, and returns an exit code.


def setup(arguments: list[str]) -> int:
    """make .venv and install artgen in it, with the developers' tools"""
    say(f"artgen is installed in {VENV}")
    return 0


def demo(arguments: list[str]) -> int:
    """paint an example photo like an example painting"""
    OUT.mkdir(exist_ok=True)
    picture = OUT / "demo.png"
    painting = ("artgen", "style", "examples/frog.jpg", "styles/starry.jpg", "--out")
    code = run(*python(*painting, str(picture.relative_to(ROOT)), *arguments))
    if code == 0:
        say(f"The picture: {picture}")
    return code


def test(arguments: list[str]) -> int:
    """run the tests that need no GPU, no network and no ../shared"""
    # Pictures in tests are tiny: two threads would wait for each other more than they work.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "ARTGEN_NO_SKIP" in os.environ:
        os.environ["PYTHONPATH"] = str(Path(__file__).parent)
        arguments = ["-p", "no_skip", *arguments]
    return run(*python("pytest", "-m", TESTS, "-n", "auto", "--dist", "worksteal", *arguments))


def check(arguments: list[str]) -> int:
    """look for faults without running the code: format, lint, types"""
    codes = [
        run(*python("ruff", "format", "--check", ".")),
        run(*python("ruff", "check", ".")),
        run(*python("mypy")),
    ]
    return max(codes)


def format_code(arguments: list[str]) -> int:
    """format the code, and mend what ruff can mend"""
    return max(run(*python("ruff", "check", "--fix", ".")), run(*python("ruff", "format", ".")))


def bench(arguments: list[str]) -> int:
    """run the benchmarks (bench_*.py), or one by name with its own arguments"""
    folder = ROOT / "benchmarks"
    if not arguments:
        codes = [run(*script(path)) for path in sorted(folder.glob("bench_*.py"))]
        if not codes:
            say("Name one of: " + ", ".join(sorted(path.stem for path in folder.glob("*.py"))))
        return max(codes, default=2)
    name, *its_own = arguments
    return run(*script(folder / f"{name}.py"), *its_own)


def docs(arguments: list[str]) -> int:
    """write the parts of the documentation that come from the code"""
    return run(*script(ROOT / "scripts" / "docs.py"), *arguments)


def clean(arguments: list[str]) -> int:
    """remove what was made here; .venv too with --all"""
    leftovers = [ROOT / name for name in LEFTOVERS]
    for name in SOURCES:
        leftovers += (ROOT / name).rglob("__pycache__")
    if "--all" in arguments:
        leftovers.append(VENV)
    for path in leftovers:
        shutil.rmtree(path, ignore_errors=True)
    return 0


CHORES: dict[str, Callable[[list[str]], int]] = {
    "setup": setup,
    "demo": demo,
    "test": test,
    "check": check,
    "format": format_code,
    "bench": bench,
    "docs": docs,
    "clean": clean,
}


# The environment.


def prepare() -> None:
    """Make `.venv` what pyproject.toml asks for, unless it is that already."""
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint():
        return
    if sys.version_info < OLDEST_PYTHON:
        oldest, found = (".".join(map(str, v[:2])) for v in (OLDEST_PYTHON, sys.version_info))
        raise SystemExit(f"artgen needs Python {oldest} or newer, and {sys.executable} is {found}.")
    say("Installing artgen into .venv. PyTorch is large: the first time, this takes minutes.")
    if not works(str(PYTHON), "-c", ""):  # the Python it was made with may be gone
        shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        install_with_uv(uv)
    else:
        install_with_pip()
    STAMP.write_text(fingerprint())


def install_with_uv(uv: str) -> None:
    if not PYTHON.exists():
        need(uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(VENV))
    install(uv, "pip", "install", "--python", str(PYTHON))


def install_with_pip() -> None:
    if not works(*python("pip", "--version")):
        if not works(sys.executable, "-c", "import ensurepip, venv"):
            raise SystemExit(
                f"{sys.executable} cannot make virtual environments: install the package "
                f"python3-venv (on Debian and Ubuntu: sudo apt install python3-venv) or uv."
            )
        need(sys.executable, "-m", "venv", str(VENV))
    install(*python("pip", "install", "--disable-pip-version-check", "--no-input"))


def install(*installer: str) -> None:
    if not sys.stdout.isatty():
        installer += ("--quiet",)  # no progress bars in a log
    index = os.environ.get("ARTGEN_TORCH_INDEX")
    if index:
        need(*installer, "torch", "torchvision", "--index-url", index)
    need(*installer, "--editable", ".[dev]")


def fingerprint() -> str:
    """What `.venv` depends on: the requirements, and where the project lies."""
    text = (ROOT / "pyproject.toml").read_bytes() + os.fsencode(ROOT)
    return hashlib.sha256(text).hexdigest()


# Running things.


def python(module: str, *arguments: str) -> list[str]:
    return [str(PYTHON), "-m", module, *arguments]


def script(path: Path) -> list[str]:
    return [str(PYTHON), str(path.relative_to(ROOT))]


def run(*command: str) -> int:
    """Show a command, run it at the project's root, and return its exit code."""
    say("$ " + shlex.join(word.replace(str(ROOT) + os.sep, "") for word in command))
    code = subprocess.run(command, cwd=ROOT).returncode
    return code if code >= 0 else 128 - code  # ended by a signal, as a shell says it


def need(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def works(*command: str) -> bool:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    except OSError:
        return False


def say(line: str) -> None:
    print(line, flush=True)  # before the output of the commands that follow


if __name__ == "__main__":
    sys.exit(main())
