"""The house rules: what may import what, and that the thing installs as it should."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from artgen import _version

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "artgen"

# The parts of the package, each after all that it may import (docs/architecture.md says why).
PARTS = """
_version __init__ errors containers processors extras files registry settings images gallery video
reductions threads losses transforms canvas flow weights classes sheets bars heat vgg convolution
geometry heads features tiling networks lbfgs adam objective fourier classifier steppers optimise
options guides terms layers structure sliced activation ascent plates chroma palette zones seams
labels poisson completion materials synthesis dreaming zooming memory plan modulation transport
body painter johnson decoder painters painting arbitrary exporting training runtime teaching
attribution cutting embedding seeing climbing asking techniques films recipes checkpoint presets
api jobs studio cli __main__
"""
ORDER = PARTS.split()
FAMILIES = {"techniques", "networks"}  # files that may import their __init__, not one another
ONLY_IN = {
    "typer": "cli",
    "rich": "cli",
    "PIL": "images",
    "imagecodecs": "images",
    "tifffile": "images",
    "pillow_heif": "images",
    "imageio": "video",
    "imageio_ffmpeg": "video",
    "psutil": "memory processors",
    "ray": "jobs",
    "starlette": "studio",
    "uvicorn": "studio",
    "captum": "attribution",
    "sklearn": "embedding",
    "scipy": "embedding",
    "cv2": "cutting flow",
}
FILES = sorted(SOURCE.rglob("*.py"))


def imports(file: Path) -> Iterator[tuple[str, ...]]:
    """Every name that a file imports, anywhere in it, as parts: ("artgen", "networks", "slim")."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute here"
            module = tuple((node.module or "").split("."))
            yield from ((*module, alias.name) for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(SOURCE).as_posix())
def test_imports_point_upwards(file: Path) -> None:
    part, *inner = file.relative_to(SOURCE).with_suffix("").parts
    assert part in ORDER, f"{part} has no place yet: give it one in ORDER"
    for package, *names in imports(file):
        assert part in ONLY_IN.get(package, part).split(), (
            f"only {ONLY_IN[package]} may import {package}"
        )
        if package == "artgen":
            target = names[0] if names[0] in ORDER else "__init__"
            assert ORDER.index(target) <= ORDER.index(part), f"{part} may not import {target}"
            if target == part and part in FAMILIES and inner != ["__init__"]:
                sibling = (SOURCE / part / names[1]).with_suffix(".py")
                assert not sibling.exists(), f"{part}/ files may not import each other"


def test_one_file_knows_ray() -> None:
    assert len([file for file in FILES if any(name[0] == "ray" for name in imports(file))]) <= 1


def artgen(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "artgen", *arguments],
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def test_help_imports_no_torch() -> None:
    shown = artgen("--help", PYTHONPROFILEIMPORTTIME="1")  # tells of every import, on stderr
    assert shown.returncode == 0, shown.stderr
    assert "style" in shown.stdout
    imported = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert "artgen.cli" in imported
    assert imported.isdisjoint({"torch", "torchvision", "numpy", "PIL.Image", "starlette"})


def test_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[?v?(\d+\.\d+\.\d+)", changelog, flags=re.MULTILINE)
    assert versions[0] == _version.__version__


def test_no_paths_of_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    if listed.returncode != 0:
        pytest.skip("needs a git checkout")
    # /home/me is nobody's: tests of what must not leak may name it.
    path = re.compile(r"(?<![\w.~/}-])/(?:home|root|Users|work)/(?!me\b)\w|[A-Z]:\\Users\\")
    found = []
    for name in listed.stdout.splitlines():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture, or a file that is gone
        found += [f"{name}: {match[0]}" for match in path.finditer(text)]
    assert found == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder far from the checkout with the wheel unpacked in it, as an installer would do."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    assert wheel.name == f"artgen-{_version.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.slow
def test_wheel_has_all_it_needs(installed: Path) -> None:
    package = installed / "artgen"
    modules = {file.relative_to(SOURCE) for file in FILES}
    assert {file.relative_to(package) for file in package.rglob("*.py")} == modules
    styles = {file.name for file in (ROOT / "styles").glob("*.*")}
    assert {file.name for file in (package / "data" / "styles").glob("*.*")} == styles
    assert styles
    examples = {file.name for file in (ROOT / "examples").glob("*.jpg")}
    assert {file.name for file in (package / "data" / "examples").glob("*")} == examples
    page = {file.name for file in (SOURCE / "studio" / "page").glob("*")}
    assert {file.name for file in (package / "studio" / "page").glob("*")} == page
    for name in ("py.typed", "data/slim.safetensors", "data/slim.md"):
        assert (package / name).is_file(), name
    assert {entry.name for entry in installed.iterdir()} == {
        "artgen",
        f"artgen-{_version.__version__}.dist-info",
    }


@pytest.mark.slow
def test_wheel_paints_far_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    picture = tmp_path / "painted.png"
    photo = next((ROOT / "examples").glob("*.jpg"))
    painted = artgen(
        *("style", str(photo), "starry", "--out", str(picture)),
        *("--size", "64", "--iterations", "2"),
        PYTHONPATH=str(installed),
    )
    assert painted.returncode == 0, painted.stderr
    assert picture.is_file()
