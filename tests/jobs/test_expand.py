"""Folders and globs: which jobs come of them, and that no name leads out of the folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import pytest

from artgen.errors import PictureError, UsageError
from artgen.jobs.expand import default_pattern, expand, find, fixed_inputs, is_many
from artgen.jobs.messages import Job
from artgen.techniques import technique
from artgen.techniques.style import Style
from artgen.techniques.texture import Texture


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """photos/ with a tree of names (nothing is read here), and paintings/ beside it."""
    monkeypatch.chdir(tmp_path)
    names = ["b.jpg", "a.PNG", "a.jpg", "notes.txt", ".hidden.jpg", "trip/a.jpg", ".git/x.jpg"]
    for name in [f"photos/{one}" for one in names] + ["paintings/wave.jpg", "paintings/ink.png"]:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    return Path("photos")


def jobs(words: Mapping[str, Sequence[str]], **more: object) -> list[Job]:
    pattern = str(more.pop("pattern", "{content}-{style}.png"))
    return expand(Style, Style(), words, pattern, **more)  # type: ignore[arg-type]


def test_a_folder_is_every_picture_in_it_and_its_tree_is_kept(photos: Path) -> None:
    words = {"content": ["photos/"], "style": ["starry"]}
    found, fixed = jobs(words), fixed_inputs(Style, words)
    assert [(job.name, job.output) for job in found] == [
        ("a.PNG", "a-starry.png"),
        ("a.jpg", "a-starry-jpg.png"),
        ("b.jpg", "b-starry.png"),
        ("trip/a.jpg", "trip/a-starry.png"),
    ]
    assert Path(found[3].inputs["content"][0]) == Path("photos/trip/a.jpg")
    assert Path(fixed["style"][0]).name == "starry.jpg"


def test_a_glob_keeps_the_tree_below_its_fixed_part(photos: Path) -> None:
    found = jobs({"content": ["photos/**/*.jpg"], "style": ["wave"]})
    assert [job.output for job in found] == [
        "a-wave.png",
        "b-wave.png",
        "trip/a-wave.png",
    ]
    assert [one.name for one in find("photos/t*")] == ["trip/a.jpg"]
    assert is_many("photos/*.jpg")
    assert not is_many("photos/a.jpg")


def test_a_name_with_a_star_in_it_is_a_file(photos: Path) -> None:
    if os.name == "nt":
        pytest.skip("no such names on Windows")
    Path("photos/[x]*.jpg").touch()
    assert not is_many("photos/[x]*.jpg")
    assert [one.source for one in find("photos/[x]*.jpg")] == ["photos/[x]*.jpg"]


def test_styles_are_blended_or_each_for_itself(photos: Path) -> None:
    words = {"content": ["photos/b.jpg"], "style": ["paintings"]}
    (job,), fixed = jobs(words), fixed_inputs(Style, words)
    assert (job.output, len(fixed["style"])) == ("b-ink.png", 2)
    assert fixed_inputs(Style, words, each=True) == {}
    assert [job.output for job in jobs(words, each=True)] == ["b-ink.png", "b-wave.png"]


def test_samples_that_belong_together_are_one_picture(photos: Path) -> None:
    words = {"sample": ["paintings"]}
    (job,) = expand(Texture, Texture(), words, "{sample}-texture.png")
    assert job == Job("ink-texture.png", "ink-texture", {})
    found = expand(Texture, Texture(), words, "{sample}-texture.png", each=True)
    assert [one.output for one in found] == ["ink-texture.png", "wave-texture.png"]


def test_a_pattern_makes_names_and_folders(photos: Path) -> None:
    words = {"content": ["photos"], "style": ["ink", "wave"]}
    found = jobs(words, each=True, pattern="{style}/of {content}.jpg")
    assert [job.output for job in found][:4] == [
        "ink/of a.jpg",
        "wave/of a.jpg",
        "ink/of a-jpg.jpg",
        "wave/of a-jpg.jpg",
    ]
    assert found[-1].output == "trip/wave/of a.jpg"


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("{content}-{stile}.png", "Did you mean 'style'"),
        ("{style}.png", "{content}"),
        ("../{content}.png", "leads out"),
        ("/tmp/{content}.png", "leads out"),
        ("a/..\\{content}.png", "leads out"),
        ("{content}.xyz", ".xyz"),
        ("{content}", "no extension"),
        ("{content.__class__}.png", "{content}"),
    ],
)
def test_patterns_that_cannot_work(photos: Path, pattern: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        jobs({"content": ["photos"], "style": ["ink"]}, pattern=pattern)
    assert sentence in str(caught.value)


def test_the_output_folder_is_no_input(photos: Path) -> None:
    Path("photos/out/deep").mkdir(parents=True)
    Path("photos/out/deep/a-ink.png").touch()
    words = {"content": ["photos"], "style": ["ink"]}
    assert len(jobs(words, without="photos/out")) == 4
    assert len(jobs(words)) == 5
    assert len(jobs({"content": ["photos/**"], "style": ["ink"]}, without="photos/out/")) == 4
    assert len(jobs({"content": ["photos/trip"], "style": ["ink"]}, without="photos")) == 1


def test_nothing_there_is_one_sentence(photos: Path) -> None:
    Path("empty").mkdir()
    for word in ("empty", "photos/*.gif"):
        with pytest.raises(PictureError, match="There is no picture in"):
            find(word)
    with pytest.raises(PictureError, match="Did you mean 'starry'"):
        find("stary", style=True)


HOSTILE = [
    "...jpg",
    "..png",
    "<script>alert(1)</script>.jpg".replace("/", "\N{DIVISION SLASH}"),
    "a\nb.jpg",
    "\x1b[31mred.jpg",
    "{style}.jpg",
    "{content.__class__}.jpg",
    "..\\..\\x.jpg",
    "$(touch pwned).jpg",
    "-o.jpg",
    "x" * 250 + ".jpg",
    "\udcff.jpg",
    "COM1.jpg",
    " .jpg",
    "'; DROP TABLE jobs; --.jpg",
]


@pytest.mark.skipif(os.name == "nt", reason="such files cannot be made there")
@pytest.mark.parametrize(
    "pattern", ["{content}.png", "{content}/{style}.png", "{style}{content}.png"]
)
def test_hostile_names_stay_in_the_folder_and_apart(tmp_path: Path, pattern: str) -> None:
    folder = tmp_path / "in"
    (folder / "..x").mkdir(parents=True)
    made = 0
    for name in [*HOSTILE, "..x/a.jpg"]:
        try:
            (folder / name).touch()
        except (OSError, UnicodeError):  # not every file system takes all of these
            continue
        made += not name.startswith(".") or name == "..x/a.jpg"
    found = jobs({"content": [str(folder)], "style": ["ink"]}, pattern=pattern)
    assert len(found) >= 10
    assert len({job.output.casefold() for job in found}) == len(found)
    for job in found:
        path = PurePosixPath(job.output)
        assert not path.is_absolute()
        assert "\\" not in job.output
        assert all(part.strip(".") for part in path.parts[:-1]), job.output
        assert job.output.isprintable()
        job.output.encode()
        job.name.encode()
        assert all(len(part.encode()) <= 255 for part in path.parts)


def test_default_patterns() -> None:
    for name, expected in (
        ("style", "{content}-{style}.png"),
        ("dream", "{content}-dream.png"),
        ("texture", "{sample}-texture.png"),
        ("fast_apply", "{content}-{style}.png"),
        ("see_responses", "{content}-responses.png"),
    ):
        assert default_pattern(name, technique(name)) == expected


def test_copies_of_storage_servers_are_left_out(photos: Path) -> None:
    kept = {job.output for job in jobs({"content": ["photos"], "style": ["starry"]})}
    for folder in ("@eaDir", "#recycle", "__MACOSX", ".Trash-1000", "lost+found", "trip/@eaDir/x"):
        (photos / folder).mkdir(parents=True)
        (photos / folder / "copy.png").touch()
    for word in ("photos", "photos/**/*", "photos/*"):
        found = {job.output for job in jobs({"content": [word], "style": ["starry"]})}
        assert found <= kept
    assert jobs({"content": ["photos/@eaDir"], "style": ["starry"]})  # whoever names it wants it


def test_what_is_excluded(photos: Path) -> None:
    (photos / "drafts").mkdir()
    (photos / "drafts" / "cat.png").touch()
    (photos / "cat-old.jpg").touch()
    words = {"content": ["photos"], "style": ["starry"]}
    every = {job.name for job in jobs(words)}
    found = {job.name for job in jobs(words, exclude=["drafts", "*-old.*"])}
    assert every - found == {"drafts/cat.png", "cat-old.jpg"}
    assert {job.name for job in jobs(words, exclude=["drafts/*", "cat-old.jpg"])} == found


def test_what_is_recorded_keeps_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "pic.jpg").touch()
    words = {"content": ["photos"], "style": ["starry"]}
    recorded = {job.output: job.name for job in jobs(words)}
    assert recorded == {"pic-starry.png": "pic.jpg"}
    (folder / "pic.bmp").touch()  # which sorts before it
    assert {job.name: job.output for job in jobs(words, recorded=recorded)} == {
        "pic.jpg": "pic-starry.png",
        "pic.bmp": "pic-starry-bmp.png",
    }
    (folder / "pic.jpg").unlink()  # its picture stays its own
    (job,) = jobs(words, recorded=recorded)
    assert job.output == "pic-starry-bmp.png"
    recorded[job.output] = job.name
    (folder / "pic.jpg").touch()
    again = {job.name: job.output for job in jobs(words, recorded=recorded)}
    assert again == {name: output for output, name in recorded.items()}
