"""Painters' files: what is written is what is read, and nothing else is taken for one."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import torch
from checkpoints import checkpoint
from pictures import smooth
from safetensors.torch import save_file
from small import small_painter

from artgen.errors import UsageError, WeightsError
from artgen.fast import model_files
from artgen.fast.any_style import Decoder
from artgen.fast.any_style_inference import EXTRACTOR
from artgen.fast.johnson import from_checkpoint
from artgen.fast.multi_style import Painter
from artgen.networks.zoo import network


@pytest.fixture
def painter() -> Painter:
    return small_painter()


def test_what_is_written_is_read(painter: Painter, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    model_files.save(painter, path, {"photos": "seven"})
    trained = model_files.load(path)
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
        model_files.save(painter, path, {"b": "1", "a": "2"})
    assert one.read_bytes() == two.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [one.name, two.name]


def test_what_cannot_be_written_is_said(painter: Painter, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be written"):
        model_files.save(painter, tmp_path / "nowhere" / "mine.safetensors")


def test_another_network_is_no_painter(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(
        WeightsError, match=r"not a network that artgen fast train made.*fast import"
    ):
        model_files.load(path)


def test_a_painter_of_another_shape_is_refused(painter: Painter, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    model_files.save(painter, path)
    path.write_bytes(path.read_bytes().replace(b"[8, 12, 16]", b"[8, 12, 20]"))
    with pytest.raises(WeightsError, match="no painter that this version"):
        model_files.load(path)


def test_a_network_of_an_old_checkpoint_is_written_and_read(tmp_path: Path) -> None:
    weights, path = checkpoint(running=True), tmp_path / "mine.safetensors"
    torch.save(weights, tmp_path / "mosaic.model")
    assert model_files.take(tmp_path / "mosaic.model", path) == "mosaic"
    trained = model_files.load(path)
    assert trained.painter.styles == ("photo", "mosaic")
    assert trained.said["checkpoint"] == "mosaic.model"
    network, picture = from_checkpoint(weights, "mosaic"), smooth(40, 48, seed=1)
    mix = network.mix({"mosaic": 1})
    assert (trained.painter(picture, mix) - network(picture, mix)).abs().max() < 2 / 255
    with pytest.raises(UsageError, match="cannot learn another"):
        model_files.learner(trained)


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
        model_files.take(Path("mosaic.pth"), Path("mine.safetensors"))
    assert [file.name for file in tmp_path.iterdir()] == ["mosaic.pth"]


@pytest.mark.parametrize("length", [0, 40, 3000])
def test_a_file_cut_short_is_said_to_be(painter: Painter, tmp_path: Path, length: int) -> None:
    path = tmp_path / "mine.safetensors"
    model_files.save(painter, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(WeightsError, match=r"empty|cut, damaged"):
        model_files.load(path)


def test_the_shipped_painter_knows_the_shipped_styles() -> None:
    from artgen.runs.gallery import shipped_styles

    trained = model_files.load(model_files.SHIPPED)
    assert trained.painter.styles[1:] == tuple(shipped_styles())
    assert model_files.SHIPPED.stat().st_size <= 3_000_000


def test_a_decoder_that_is_written_is_read_and_is_no_painter(
    painter: Painter, tmp_path: Path
) -> None:
    path = tmp_path / "any.safetensors"
    made = Decoder(widths=(8, 12, 16), blocks=1, code=4)
    model_files.save(made, path)
    read, origin = model_files.load_decoder(path)
    assert origin.file == path
    for name, value in read.state_dict().items():
        assert value.equal(made.state_dict()[name].half().float())
    with pytest.raises(WeightsError, match="not a network that artgen fast train made"):
        model_files.load(path)
    model_files.save(painter, path)
    with pytest.raises(WeightsError, match="no decoder of any style"):
        model_files.load_decoder(path)


def test_the_shipped_decoder_is_small_and_goes_with_its_version_of_slim() -> None:
    decoder, origin = model_files.load_decoder()
    assert origin.file.stat().st_size < 6_000_000
    widths = {
        name: chain.out_channels
        for name, chain in network(EXTRACTOR).build().named_children()
        if name in ("conv3_1", "conv4_1")
    }
    assert list(widths.values()) == [
        decoder.see_quarter.in_channels,
        decoder.see_eighth.in_channels,
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"blocks": 10**9},
        {"blocks": 1e400},
        {"blocks": "5"},
        {"blocks": True},
        {"widths": [10**6, 8, 8]},
        {"widths": list(range(10**5))},
        {"widths": 3},
        {"widths": [8, 12, 16.5]},
        {"styles": [1, 2]},
        {"styles": {"a": 1}},
        {"styles": [str(n) for n in range(5000)]},
        {"styles": [""]},
        {"said": [1]},
        {"kind": 10**400},
    ],
)
def test_a_header_that_claims_too_much_is_refused_soon(
    painter: Painter, tmp_path: Path, said: dict[str, object]
) -> None:
    about = {"kind": "artgen painter 3", "styles": ["red", "blue"], "widths": [8, 12, 16]}
    about |= {"blocks": len(painter.blocks), "said": {}} | said
    path = tmp_path / "mine.safetensors"
    tensors = {name: value.contiguous() for name, value in painter.state_dict().items()}
    save_file(tensors, path, {"artgen": json.dumps(about)})
    before = time.process_time()
    with pytest.raises(WeightsError) as caught:
        model_files.load(path)
    assert len(str(caught.value)) < 500
    assert time.process_time() - before < 2


def test_deep_json_is_no_header(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    save_file({"a": torch.zeros(1)}, path, {"artgen": "[" * 100_000})
    with pytest.raises(WeightsError, match="not a network"):
        model_files.load(path)
