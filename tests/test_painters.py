"""Painters' files: what is written is what is read, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from checkpoints import checkpoint
from pictures import smooth
from safetensors.torch import save_file

from artgen import painters
from artgen.errors import UsageError, WeightsError
from artgen.johnson import from_checkpoint
from artgen.painter import Painter


@pytest.fixture
def painter() -> Painter:
    return Painter(["red", "blue"], (8, 12, 16), 1)


def test_what_is_written_is_read(painter: Painter, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    painters.save(painter, path, {"photos": "seven"})
    trained = painters.load(path)
    assert trained.painter.styles == ("photo", "red", "blue")
    assert trained.painter.widths == (8, 12, 16)
    assert trained.said == {"photos": "seven"}
    assert len(trained.origin.sha256) == 64
    for name, value in trained.painter.state_dict().items():
        assert value.dtype == torch.float32
        assert value.equal(painter.state_dict()[name].half().float())
    assert not any(value.requires_grad for value in trained.painter.parameters())


def test_the_same_painter_gives_the_same_bytes(painter: Painter, tmp_path: Path) -> None:
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    for path in (one, two):
        painters.save(painter, path, {"b": "1", "a": "2"})
    assert one.read_bytes() == two.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [one.name, two.name]


def test_what_cannot_be_written_is_said(painter: Painter, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be written"):
        painters.save(painter, tmp_path / "nowhere" / "mine.safetensors")


def test_another_network_is_no_painter(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(
        WeightsError, match=r"not a network that artgen fast train made.*fast import"
    ):
        painters.load(path)


def test_a_painter_of_another_shape_is_refused(painter: Painter, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    painters.save(painter, path)
    path.write_bytes(path.read_bytes().replace(b"[8, 12, 16]", b"[8, 12, 20]"))
    with pytest.raises(WeightsError, match="no painter that this version"):
        painters.load(path)


def test_a_network_of_an_old_checkpoint_is_written_and_read(tmp_path: Path) -> None:
    weights, path = checkpoint(running=True), tmp_path / "mine.safetensors"
    torch.save(weights, tmp_path / "mosaic.model")
    assert painters.take(tmp_path / "mosaic.model", path) == "mosaic"
    trained = painters.load(path)
    assert trained.painter.styles == ("photo", "mosaic")
    assert trained.said["checkpoint"] == "mosaic.model"
    network, picture = from_checkpoint(weights, "mosaic"), smooth(40, 48, seed=1)
    mix = network.mix({"mosaic": 1})
    assert (trained.painter(picture, mix) - network(picture, mix)).abs().max() < 2 / 255
    with pytest.raises(UsageError, match="cannot learn another"):
        painters.learner(trained)


class Code:
    """What a pickle calls when it is loaded the trusting way."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("ran"),))


def test_a_checkpoint_that_holds_code_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({**checkpoint(), "more": Code()}, "mosaic.pth")
    with pytest.raises(WeightsError, match="holds code"):
        painters.take(Path("mosaic.pth"), Path("mine.safetensors"))
    assert [file.name for file in tmp_path.iterdir()] == ["mosaic.pth"]


@pytest.mark.parametrize("length", [0, 40, 3000])
def test_a_file_cut_short_is_said_to_be(painter: Painter, tmp_path: Path, length: int) -> None:
    path = tmp_path / "mine.safetensors"
    painters.save(painter, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(WeightsError, match=r"empty|cut, damaged"):
        painters.load(path)


def test_the_shipped_painter_knows_the_shipped_styles() -> None:
    from artgen.gallery import shipped_styles

    trained = painters.load(painters.SHIPPED)
    assert trained.painter.styles[1:] == tuple(shipped_styles())
    assert painters.SHIPPED.stat().st_size <= 3_000_000
