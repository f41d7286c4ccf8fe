"""What pictures are called, and what of the photo goes into their files."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from artgen import images
from artgen.core.events import FileSet
from artgen.errors import UsageError
from artgen.images import Loaded
from artgen.runs.inputs import Read
from artgen.runs.output import Encoder, Output, beside, film_path, folder_of, stem
from artgen.techniques.dream import Dream
from artgen.techniques.enlarge import Enlarge
from artgen.techniques.explore import Explore
from artgen.techniques.see_kernels import SeeKernels
from artgen.techniques.style import Style

SIZE = (24, 32)
RECIPE = 'technique = "style"'


@dataclass
class Written:
    """How pictures are written."""

    bits: int = 8
    quality: int = 90
    keep_exif: bool = False


def read_of(alpha: bool = False) -> Read:
    """A photo whose upper half is transparent, and a painting."""
    over = np.ones((1, 1, 48, 64), np.float32)
    over[..., :24, :] = 0
    photo = Loaded(
        torch.rand(1, 3, 48, 64).numpy(), over if alpha else None, Path("p.png"), "1", None, False
    )
    paint = Loaded(torch.rand(1, 3, 20, 20).numpy(), None, Path("some/paint.png"), "2", None, False)
    return {"content": [photo], "style": [paint]}


def alpha_of(
    encoder: Encoder, picture: Tensor, folder: Path, name: str = "picture"
) -> Tensor | None:
    """The transparency that a picture's file carries."""
    path = folder / "made.png"
    path.write_bytes(encoder(picture, path, RECIPE, name))
    assert images.read_recipe(path) == RECIPE
    return images.load(path).alpha


def test_transparency_goes_with_the_picture_of_the_photo(tmp_path: Path) -> None:
    encoder = Encoder(Style(size=32), read_of(alpha=True), SIZE, Written())
    alpha = alpha_of(encoder, torch.rand(1, 3, *SIZE), tmp_path)
    assert alpha is not None
    assert alpha.shape[-2:] == SIZE
    assert float(alpha[..., :10, :].max()) < 0.1 < 0.9 < float(alpha[..., -10:, :].min())


def test_transparency_goes_with_nothing_else(tmp_path: Path) -> None:
    """Not with a sheet, nor with a picture of another shape, nor with what lies beside it."""
    read, picture = read_of(alpha=True), torch.rand(1, 3, *SIZE)
    assert alpha_of(Encoder(Dream(sheet=True), read, None, Written()), picture, tmp_path) is None
    encoder = Encoder(Style(size=32), read, SIZE, Written())
    assert alpha_of(encoder, torch.rand(1, 3, 80, 90), tmp_path) is None
    assert alpha_of(encoder, picture, tmp_path, "proof") is None
    opaque = Encoder(Style(size=32), read_of(), SIZE)
    assert alpha_of(opaque, picture, tmp_path) is None


def test_a_file_and_what_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    picture = torch.rand(1, 3, *SIZE)
    for number in ("", "-2"):
        output = Output("style", Style(), read_of(), SIZE, Written(bits=16))
        output.write(picture, RECIPE)
        output.write(picture, RECIPE)  # the same picture, later
        assert output.write_beside("proof", picture, RECIPE) == Path(f"p-paint{number}-proof.png")
        assert images.load(f"p-paint{number}.png").deep
    named = Output("style", Style(), read_of(), SIZE, Written(), "a.jpg")
    named.write(picture, RECIPE)
    assert named.write_beside("proof", picture, RECIPE) == Path("a-proof.jpg")
    assert named.write_page("page", "<p>&auml;") == Path("a-page.html")
    assert Path("a-page.html").read_text(encoding="utf-8") == "<p>&auml;"
    assert len(list(tmp_path.iterdir())) == 7


def test_a_stream_takes_one_picture(tmp_path: Path) -> None:
    stream, picture = io.BytesIO(), torch.rand(1, 3, *SIZE)
    output = Output("style", Style(), read_of(alpha=True), SIZE, Written(), "", stream)
    output.write(picture, RECIPE)
    assert output.path is None
    assert output.write_beside("proof", picture, RECIPE) is None
    assert output.write_page("page", "<p>") is None
    (tmp_path / "a.png").write_bytes(stream.getvalue())
    assert images.load(tmp_path / "a.png").alpha is not None


def test_names() -> None:
    assert stem("style", Style(), read_of()) == "p-paint"
    assert stem("dream", Dream(), {"content": read_of()["content"]}) == "p-dream"
    assert stem("see_kernels", SeeKernels(net="tiny"), {}) == "kernels-tiny"
    assert beside(Path("a/out.png"), "proof") == Path("a/out-proof.png")
    assert beside(PurePosixPath("out.tar.png"), "x") == PurePosixPath("out.tar-x.png")


def test_a_film_has_a_films_name_and_no_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read = {"content": read_of()["content"]}
    assert film_path("dream", Dream(), read, "") == Path("p-dream.mp4")
    assert film_path("dream", Dream(), read, "a.gif") == Path("a.gif")
    with pytest.raises(UsageError, match="no name of a film"):
        film_path("dream", Dream(), read, "a.png")
    (tmp_path / "clip.mp4").write_bytes(b"film")
    film = Loaded(torch.rand(1, 3, 8, 8).numpy(), None, Path("clip.mp4"), "3", None, False)
    with pytest.raises(UsageError, match="is an input too"):
        film_path("dream", Dream(), {"content": [film]}, "clip.mp4")


def test_a_name_has_all_styles_or_what_stands_for_them() -> None:
    read = dict(read_of())
    for count, expected in (
        (2, "p-paint-wave"),
        (4, "p-paint-wave-wave-wave"),
        (9, "p-paint-wave-wave-and-6-more"),
    ):
        more = [replace(read["style"][0], path=Path("wave.jpg"))] * (count - 1)
        several = {**read, "style": [read["style"][0], *more]}
        assert stem("style", Style(), several) == expected
        assert stem("style", Style(), several, {"style": "etching"}) == "p-etching"
        assert stem("explore", Explore(), several) == "p-explore"
    assert stem("dream", Dream(), {"content": read["content"]}, {"preset": "fever"}) == "p-fever"


def test_a_print_s_resolution_goes_into_its_file(tmp_path: Path) -> None:
    read = {"content": [Loaded(torch.rand(1, 3, 6, 8), None, Path("a.png"), "", None, False)]}
    encoded, path = Encoder(Enlarge(print="40@100dpi"), read, (30, 40)), tmp_path / "b.png"
    path.write_bytes(encoded(torch.rand(1, 3, 30, 40), path, ""))
    with Image.open(path) as image:
        assert image.info["dpi"] == pytest.approx((100, 100), abs=0.02)


def test_a_set_goes_into_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = FileSet("gltf", lambda name: iter([(f"{name}.gltf", b"{}")]), "the set")
    named = Output("style", Style(size=32), read_of(), SIZE, Written(), "a.png")
    free = Output("style", Style(size=32), read_of(), SIZE, Written())
    for _ in range(2):  # a name that was given is written again
        assert named.write_files(given) == [Path("a-gltf/a.gltf")]
    assert [free.write_files(given) for _ in range(2)] == [
        [Path(f"p-paint-gltf{number}/p-paint.gltf")] for number in ("", "-2")
    ]
    stream = Output("style", Style(size=32), read_of(), SIZE, Written(), "-", io.BytesIO())
    assert stream.write_files(given) == []
    assert folder_of(PurePosixPath("x/a.b.png"), given) == PurePosixPath("x/a.b-gltf")
