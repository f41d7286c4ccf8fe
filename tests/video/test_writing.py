"""Films in and out: every frame, the rate, the sound; and what stays when a run is cut short."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from clips import drifting, ffmpeg, film_file
from PIL import Image

from artgen import video
from artgen.errors import PictureError, UsageError
from artgen.video import Film, Timing, frames, probe
from artgen.video.encoding import Look

RECIPE = 'technique = "fast_apply"\nname = "a; b=\\"c\\" # d"\n'


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".mov"])
def test_a_film_comes_back_frame_by_frame(tmp_path: Path, suffix: str) -> None:
    made = drifting(10)
    path = tmp_path / f"it's a film{suffix}"
    film = Film(path, (48, 64), Timing(Fraction(30000, 1001)), recipe=RECIPE, quality=100)
    for picture in made:
        film.add(picture)
    film.finish()
    clip = probe(path)
    assert (clip.size, clip.rate, clip.sound) == ((48, 64), Fraction(30000, 1001), False)
    found = list(frames(clip))
    assert len(found) == 10
    for one, other in zip(found, made, strict=True):
        coarse = [F.avg_pool2d(x, 4) for x in (one, other)]  # colours are kept at half the size
        assert (coarse[0] - coarse[1]).abs().mean() < 0.012
    assert video.read_recipe(path) == RECIPE
    assert not film.parts.exists()


@pytest.mark.parametrize(
    ("suffix", "size"), [(".mp4", (50, 68)), (".webm", (49, 67)), (".gif", (49, 67))]
)
def test_odd_sizes_get_another_row_and_column_where_they_need_it(
    tmp_path: Path, suffix: str, size: tuple[int, int]
) -> None:
    film = Film(tmp_path / f"odd{suffix}", (49, 67), Timing(Fraction(10)))
    made = drifting(3, 49, 67)
    for picture in made:
        film.add(picture)
    film.finish()
    clip = probe(film.path)
    assert clip.size == size
    last = list(frames(clip))[-1]
    assert (last[..., :49, :67] - made[-1]).abs().mean() < 0.05
    assert (last[..., -1:, :67] - made[-1][..., -1:, :]).abs().mean() < 0.05


def test_a_gif_is_written(tmp_path: Path) -> None:
    film = Film(tmp_path / "loop.gif", (48, 64), Timing(Fraction(10)))
    made = drifting(6)
    for picture in made:
        film.add(picture)
    film.finish()
    found = list(frames(probe(tmp_path / "loop.gif")))
    assert (found[0] - made[0]).abs().mean() < 0.05


def test_sound_goes_along_and_ends_with_the_film(tmp_path: Path) -> None:
    source = probe(film_file(tmp_path / "in.mp4", drifting(12), sound=True))
    assert source.sound
    for suffix in (".mp4", ".webm"):
        film = Film(tmp_path / f"out{suffix}", source.size, source.timing, source=source)
        for picture in drifting(6):
            film.add(picture)
        film.finish()
        clip = probe(film.path)
        assert clip.sound
        assert clip.count in (6, 7)


def test_a_film_goes_on_after_its_last_whole_chunk(tmp_path: Path) -> None:
    made = drifting(10)
    film = Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12)), recipe=RECIPE)
    last = torch.zeros(1)
    for index, picture in enumerate(made[:6]):
        last.fill_(index)  # a chunk has the state that was there when it began
        film.add(picture, lambda: {"last": last})
    film.settle()
    with film.growing.open("ab") as file:
        file.write(b"cut short")  # as a kill leaves it
    film = Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12)), recipe=RECIPE)
    assert film.done == 4
    assert film.state["last"] == 3
    for picture in made[4:]:
        film.add(picture)
    film.finish()
    found = list(frames(probe(film.path)))
    assert len(found) == 10
    assert (found[9] - made[9]).abs().mean() < 0.03
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_another_recipe_does_not_go_on(tmp_path: Path) -> None:
    Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12)), recipe="a = 1\n").keep({})
    with pytest.raises(UsageError, match="made another way"):
        Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12)), recipe="a = 2\n")


@contextmanager
def little_room(most: int) -> Iterator[None]:
    """No file may have more bytes, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)


def test_a_film_of_nothing_is_not_said_to_be_playable(tmp_path: Path) -> None:
    film = Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12)))
    made = drifting(4)
    for picture in made[:3]:
        film.add(picture)
    with little_room(0):
        film.add(made[3])
        with pytest.raises(PictureError, match="cannot be written") as caught:
            film.settle()
    assert "played" not in caught.value.hint
    assert "Free some space" in caught.value.hint


@pytest.mark.parametrize("share", [0.3, 1.3])  # no room for a chunk; or none to add it
def test_a_full_disk_leaves_what_is_done(tmp_path: Path, share: float) -> None:
    film = Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12)))
    made = drifting(8)
    for picture in made[:7]:
        film.add(picture)
    film.settle()
    whole = film.growing.read_bytes()
    with little_room(round(share * len(whole))):
        film.add(made[7])
        with pytest.raises(PictureError, match="cannot be written") as caught:
            film.settle()
    assert "out.part.mp4" in caught.value.hint
    assert film.growing.read_bytes() == whole
    assert len(list(frames(probe(film.growing)))) == 4
    film = Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12)))
    assert film.done == 4
    for picture in made[4:]:
        film.add(picture)
    film.finish()
    assert len(list(frames(probe(film.path)))) == 8


def test_a_name_that_is_no_films_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name of a film"):
        Film(tmp_path / "out.png", (48, 64), Timing(Fraction(12)))


def test_a_name_of_245_bytes_is_short_enough(tmp_path: Path) -> None:
    film = Film(tmp_path / ("n" * 241 + ".mp4"), (48, 64), Timing(Fraction(12)))
    film.add(drifting(1)[0])
    film.finish()
    assert probe(film.path).count == 1


def clear_film(path: Path, *coding: object) -> Path:
    """Six red frames, transparent on the left, opaque on the right."""
    alpha = "format=rgba,geq=r=200:g=30:b=20:a='if(lt(X,32),0,255)'"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x48:r=12:d=0.5", "-vf", alpha, *coding, path)
    return path


VP9 = ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-auto-alt-ref", 0)
PRORES = ("-c:v", "prores_ks", "-profile:v", 4444, "-pix_fmt", "yuva444p10le")


@pytest.mark.parametrize(("name", "coding"), [("in.webm", VP9), ("in.mov", PRORES)])
@pytest.mark.parametrize("suffix", [".webm", ".mov", ".mp4"])
def test_transparency_stays_where_the_film_can_hold_it(
    tmp_path: Path, name: str, coding: tuple[object, ...], suffix: str
) -> None:
    source = probe(clear_film(tmp_path / name, *coding))
    assert source.alpha
    seen = next(frames(source))
    assert (seen[..., :28] - seen[..., 36:].mean((2, 3), keepdim=True)).abs().max() < 0.05
    film = Film(tmp_path / f"out{suffix}", (24, 32), source.timing, source=source)
    painted = drifting(6, 24, 32)
    for picture in painted:
        film.add(picture)
    film.finish()
    made = probe(film.path)
    assert made.count == 6
    if suffix == ".mp4":
        assert film.notes == (f"The transparency of {name} cannot go into MP4: left out.",)
        assert not made.alpha
        return
    assert film.notes == ()
    for alpha in video.alphas(made):
        assert alpha[..., :14].max() < 0.1
        assert alpha[..., 18:].min() > 0.9
    assert (next(frames(made))[..., 18:] - painted[0][..., 18:]).abs().mean() < 0.05


def clear_picture(path: Path) -> list[int]:
    """An animated picture of four frames, each clear but for a quarter; their delays in ms."""
    delays, drawn = [40, 120, 70, 250], []
    for number in range(4):
        frame = Image.new("RGBA", (64, 48), (200, 30, 20, 0))
        frame.paste((200, 60 * number, 20, 255), (16 * number, 0, 16 * number + 16, 48))
        drawn.append(frame)
    more = {"lossless": True} if path.suffix == ".webp" else {"disposal": 1, "blend": 0}
    drawn[0].save(path, save_all=True, append_images=drawn[1:], duration=delays, loop=0, **more)
    return delays


@pytest.mark.parametrize("name", ["in.webp", "in.png", "in.apng"])
@pytest.mark.parametrize("suffix", [".webp", ".apng", ".webm", ".mov", ".gif"])
def test_animated_pictures_keep_their_transparency(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / name.replace(".apng", ".png")
    delays = clear_picture(path)
    path = path.rename(tmp_path / name)
    source = probe(path)
    assert source.alpha
    film = Film(tmp_path / f"out{suffix}", source.size, source.timing, source=source)
    painted = drifting(4)
    for picture in painted:
        film.add(picture)
    film.finish()
    assert film.notes == ()
    made = probe(film.path)
    assert made.count == 4
    times = [made.timing.seconds(index) for index in range(5)]
    assert times == pytest.approx([sum(delays[:i]) / 1000 for i in range(5)], abs=0.0051)
    for number, alpha in enumerate(video.alphas(made)):
        there = alpha[..., 16 * number + 2 : 16 * number + 14]
        assert there.min() > 0.9
        assert float(alpha.mean()) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("rate", [Fraction(60), Fraction(100), Fraction(25), Fraction(50)])
def test_a_gif_has_no_delay_that_browsers_stretch(tmp_path: Path, rate: Fraction) -> None:
    film = Film(tmp_path / "out.gif", (24, 32), Timing(rate))
    for picture in drifting(30, 24, 32):
        film.add(picture)
    film.finish()
    delays = delays_of(film.path)
    assert set(delays) == {max(20, round(1000 / rate))}
    assert sum(delays) == pytest.approx(30_000 / rate, abs=21)


def test_a_gif_keeps_moments_that_are_long_enough(tmp_path: Path) -> None:
    moments = (0, 10, 30, 50, 90, 100, 200)  # ms; the second frame comes too soon, and the sixth
    film = Film(
        tmp_path / "out.gif", (24, 32), Timing(Fraction(30), tuple(90 * x for x in moments))
    )
    for picture in drifting(6, 24, 32):
        film.add(picture)
    film.finish()
    assert delays_of(film.path) == [30, 20, 40, 110]


def delays_of(path: Path) -> list[int]:
    """Milliseconds for which each frame of a GIF is shown."""
    data = path.read_bytes()
    heads = [i for i in range(len(data)) if data[i : i + 3] == b"\x21\xf9\x04" and data[i + 7] == 0]
    return [10 * int.from_bytes(data[i + 4 : i + 6], "little") for i in heads]


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".apng", ".mp4"])
def test_a_film_of_one_frame_can_be_written(tmp_path: Path, suffix: str) -> None:
    film = Film(tmp_path / f"out{suffix}", (48, 64), Timing(Fraction(12)), recipe=RECIPE)
    film.add(drifting(1)[0])
    film.finish()
    assert probe(film.path).count == 1


COPIED = """
import resource, sys
from pathlib import Path
from artgen.video import Film, frames, probe
clip = probe(sys.argv[1])
film = Film(Path(sys.argv[2]), clip.size, clip.timing, source=clip)
for picture in frames(clip):
    film.add(picture)
film.finish()
assert probe(sys.argv[2]).count == int(sys.argv[3])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.parametrize("even", [True, False])
def test_memory_does_not_grow_with_the_length(tmp_path: Path, even: bool) -> None:
    pytest.importorskip("resource")
    peaks = []
    for count in (100, 2000):
        source, out = tmp_path / f"{count}.mkv", tmp_path / f"{count}-out.mp4"
        vary = () if even else ("-vf", "settb=1/1000,setpts=N*40+mod(N*N\\,7)*3")
        pace = ("-fps_mode", "passthrough", "-enc_time_base", "1/1000")
        drawn = ("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={count / 25}")
        ffmpeg(*drawn, *vary, *pace, "-c:v", "libx264", "-preset", "ultrafast", source)
        done = subprocess.run(
            [sys.executable, "-c", COPIED, source, out, str(count)],
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] * 1.1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux has affinities")
def test_a_chunk_does_not_depend_on_the_processors(tmp_path: Path) -> None:
    look = Look(".mp4", (96, 128), Timing(Fraction(12)))
    raw = [look.raw(picture) for picture in drifting(8, 96, 128)]
    there = os.sched_getaffinity(0)
    found = []
    try:
        for processors in (there, {min(there)}):
            os.sched_setaffinity(0, processors)
            look.write(tmp_path / "chunk.mp4", raw, len(raw), fragmented=True)
            found.append((tmp_path / "chunk.mp4").read_bytes())
    finally:
        os.sched_setaffinity(0, there)
    assert found[0] == found[1]
