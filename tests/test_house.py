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
from pictures import smooth

from artgen import _version, images
from artgen.techniques import summaries

ROOT = Path(__file__).parents[1]
SOURCE, TESTS = ROOT / "src" / "artgen", ROOT / "tests"

# Every room, and every file beside them, on its floor. It imports what is on the floors written
# above it here, and what is in the room itself. A new file of a room needs no entry.
FLOORS = """
_version errors
core
ops
images networks
figures losses materials video
optim fast
runtime graph_runtime
techniques
runs
jobs api
studio
cli
"""
DOORS = {"__init__", "__main__"}  # of the whole: nobody inside uses them
ROOMS = {room: floor for floor, row in enumerate(FLOORS.splitlines()) for room in row.split()}
# Folders of which nothing imports its siblings, and what of them is no sibling but shared by all.
APART = {("techniques",): ("base", "common"), ("networks", "zoo"): ("base",)}
ONLY_IN = {
    "typer": "cli",
    "rich": "cli",
    "PIL": "images",
    "imagecodecs": "images",
    "tifffile": "images",
    "OpenEXR": "images",
    "onnxruntime": "fast",
    "rawpy": "images",
    "pillow_heif": "images",
    "imageio": "video",
    "imageio_ffmpeg": "video",
    "psutil": "core optim",
    "ray": "jobs",
    "starlette": "studio",
    "uvicorn": "studio",
    "captum": "networks",
    "h5py": "networks",
    "sklearn": "ops",
    "scipy": "ops",
    "cv2": "ops",
    "torchvision": "",  # not installed with artgen: tests and training alone need it
}
# Folders whose files register themselves, as commands do by their names.
REGISTRIES = {*APART, ("cli", "commands")}
COMMANDS = {one.stem for one in (SOURCE / "cli" / "commands").glob("[a-z]*.py")}
GROUPS = ("batch", "fast", "see")
# Of these the settings are in one file with what they need torch for.
WITH_TORCH = {"fast_follow", "fast_train", *(one for one in summaries() if one.startswith("see_"))}
LONGEST_FILE, LONGEST_FUNCTION = 350, 60  # lines
FILES = sorted(SOURCE.rglob("*.py"))
MODULES = {file.relative_to(SOURCE).with_suffix("").parts: file for file in FILES}


def named(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


def imports(file: Path, *, at_runtime: bool = False) -> Iterator[tuple[str, ...]]:
    """Every name that a file imports, anywhere in it, as parts: ("artgen", "networks", "zoo").

    At runtime: without what only type checkers read.
    """
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute here"
            module = tuple((node.module or "").split("."))
            yield from ((*module, alias.name) for alias in node.names)
        elif at_runtime and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)


def targets(file: Path) -> Iterator[tuple[str, ...]]:
    """The modules of artgen that a file imports, without `artgen`: ("networks", "zoo", "slim")."""
    for package, *names in imports(file):
        if package == "artgen":
            found = ("__init__",)
            for end in range(1, len(names) + 1):
                module = tuple(names[:end])
                found = next((x for x in (module, (*module, "__init__")) if x in MODULES), found)
            yield found


def test_a_room_imports_only_what_is_below_it() -> None:
    faults = []
    for (room, *_), file in MODULES.items():
        for there, *_ in targets(file):
            below = there not in DOORS and (room in DOORS or ROOMS[there] < ROOMS[room])
            if there != room and not below:
                faults.append(f"{named(file)} may not import {there}")
    assert faults == []


def test_siblings_do_not_import_each_other() -> None:
    faults = []
    for folder, shared in APART.items():
        depth = len(folder)
        free = ("__init__", *shared)
        for here, file in MODULES.items():
            if here[:depth] == folder and here[depth] not in free:
                for there in targets(file):
                    if there[:depth] == folder and there[depth] not in (here[depth], *free):
                        faults.append(f"{named(file)} may not import {there[depth]}")
    assert faults == []


def test_no_files_import_each_other_in_a_circle() -> None:
    edges = {module: set(targets(file)) - {module} for module, file in MODULES.items()}
    done: set[tuple[str, ...]] = set()

    def visit(module: tuple[str, ...], path: list[tuple[str, ...]]) -> None:
        assert module not in path, f"a circle: {path[path.index(module) :]}"
        if module not in done:
            for there in sorted(edges[module]):
                visit(there, [*path, module])
            done.add(module)

    for module in MODULES:
        visit(module, [])


def test_every_room_has_its_floor_and_they_are_few() -> None:
    there = {
        entry for entry in SOURCE.iterdir() if entry.suffix == ".py" or any(entry.glob("*.py"))
    }
    assert {entry.stem for entry in there} == {*ROOMS, *DOORS}
    assert len(there) <= 24
    assert len(set(ROOMS.values())) <= 12


def test_each_library_has_its_room() -> None:
    faults = []
    for (room, *_), file in MODULES.items():
        for package, *_ in imports(file):
            if room not in ONLY_IN.get(package, room).split():
                faults.append(f"{named(file)}: only {ONLY_IN[package]} may import {package}")
    assert faults == []


def test_one_file_knows_ray() -> None:
    assert len([file for file in FILES if any(name[0] == "ray" for name in imports(file))]) == 1


def test_core_needs_no_torch() -> None:
    for file in (SOURCE / "core").rglob("*.py"):
        known = {name[0] for name in imports(file, at_runtime=True)}
        assert known.isdisjoint({"torch", "torchvision", "numpy"}), file


def test_no_room_is_called_like_a_technique() -> None:
    assert set(ROOMS).isdisjoint(summaries())  # `artgen.style` is a function


def test_files_and_functions_are_short() -> None:
    faults = []
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        if (length := len(text.splitlines())) > LONGEST_FILE:
            faults.append(f"{named(file)} has {length} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    faults.append(f"{named(file)}: {node.name} has {length} lines")
    assert faults == []


def only_declares(file: Path) -> bool:
    """Whether a file has types and constants, and no function with a body: nothing to be tested."""
    return not any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not all(
            isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
            for part in node.body
        )
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    )


def test_every_file_has_its_test_where_it_stands() -> None:
    """But for what registers itself, which the tests of its registry are about."""
    missing = []
    for (*folder, name), file in MODULES.items():
        registered = tuple(folder) in REGISTRIES and name not in ("base", "common")
        test = TESTS.joinpath(*folder, f"test_{name}.py")
        if not (name.startswith("_") or registered or only_declares(file) or test.exists()):
            missing.append(test.relative_to(TESTS).as_posix())
    assert missing == []


def artgen(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "artgen", *arguments],
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def imported_by(*arguments: str) -> set[str]:
    """All modules that a command imports."""
    ran = artgen(*arguments, PYTHONPROFILEIMPORTTIME="1")  # tells of every import, on stderr
    assert ran.returncode == 0, ran.stderr
    return {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}


@pytest.mark.parametrize("name", sorted({*summaries(), *COMMANDS} - WITH_TORCH))
def test_help_of_a_command_imports_no_torch_and_no_validators(name: str) -> None:
    words = name.split("_", 1) if name.split("_")[0] in GROUPS else [name]
    imported = imported_by(*words, "--help")
    assert "artgen.cli.help" in imported
    assert imported.isdisjoint({"torch", "pydantic"})


def test_help_imports_no_torch() -> None:
    imported = imported_by("--help")
    assert "artgen.cli" in imported
    assert imported.isdisjoint({"torch", "torchvision", "numpy", "PIL.Image", "starlette"})
    assert imported.isdisjoint(f"artgen.techniques.{name}" for name in summaries())


@pytest.mark.parametrize("style", ["wave", "style.png"])
def test_one_pass_imports_no_torch(style: str, tmp_path: Path) -> None:
    for name in ("photo.png", "style.png"):
        images.save(smooth(40, 60, seed=len(name)), tmp_path / name)
    style = str(tmp_path / style) if "." in style else style
    words = [str(tmp_path / "photo.png"), style, "-o", str(tmp_path / "out.png")]
    imported = imported_by("fast", "apply", *words)
    assert "onnxruntime" in imported
    # Nor what is needed for other formats, other views, other runs.
    needless = {"torch", "onnx", "scipy", "tifffile", "OpenEXR", "rich.live", "safetensors.torch"}
    needless |= {"pydantic", "artgen.jobs.messages", "artgen.video.reading", "tomllib", "html"}
    assert imported.isdisjoint(needless)


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
    weights = ("data/slim.safetensors", "data/slim-2.safetensors", "data/slim.md", "data/slim-2.md")
    for name in ("py.typed", "__init__.pyi", *weights):
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
