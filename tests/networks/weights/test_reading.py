"""Weights files that are bad: refused in one sentence, and nothing in them is run."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from artgen.errors import WeightsError
from artgen.networks.weights.reading import read

from .toys import GOOD, attempts, chain, left, pickled, published, safetensors


class Evil:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.mark),)


def test_the_evil_pickle_would_work_if_it_were_let(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Evil(tmp_path / "mark")))
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize("form", ["zip", "legacy", "bare", "bare, new protocol", "beside weights"])
def test_a_malicious_pickle_does_not_run(form: str, tmp_path: Path) -> None:
    mark, file = tmp_path / "mark", tmp_path / "evil.pth"
    evil = Evil(mark)
    content = {
        "zip": pickled({"features.0.weight": evil}),
        "legacy": pickled(evil, legacy=True),
        "bare": pickle.dumps(evil, protocol=2),
        "bare, new protocol": pickle.dumps(evil, protocol=5),
        "beside weights": pickled({**published(), "extra": evil}),
    }[form]
    file.write_bytes(content)
    for attempt in attempts(file):
        with pytest.raises(WeightsError) as caught:
            attempt()
        assert caught.value.hint
        if (
            form != "bare, new protocol"
        ):  # which torch gives up on before it sees what it would call
            assert "holds code beside its tensors" in caught.value.message
            assert "nothing of it ran" in caught.value.message
    assert not mark.exists()
    assert left() == set()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (GOOD[: len(GOOD) // 2], "is cut, damaged, or no weights file"),
        (GOOD[:70], "is cut, damaged, or no weights file"),
        (pickled(published(), legacy=True)[:90_000], "is cut, damaged, or no weights file"),
        (safetensors(published())[:90_000], "is cut, damaged, or no weights file"),
        (safetensors(published())[:20], "is cut, damaged, or no weights file"),
        (b"\xff" * 8 + b"{}", "is cut, damaged, or no weights file"),
        (b"<html>not found</html>", "is cut, damaged, or no weights file"),
        (pickled([1, 2, 3]), "holds no named tensors"),
        (pickled({"epoch": 3}), "holds no named tensors"),
        (
            pickled(published(widths=(12, 32))),
            r"conv1_1.weight is 12 x 3 x 3 x 3 where 24 x 3 x 3 x 3 belongs",
        ),
        (
            pickled({k: v for k, v in published().items() if "features.5" not in k}),
            r"it has no conv2_1.bias and 1 more",
        ),
        (
            safetensors({**chain().state_dict(), "conv2_2.bias": torch.zeros(3)}),
            r"it has conv2_2.bias, which it should not",
        ),
        (
            pickled(published() | {"features.0.bias": torch.full((24,), float("nan"))}),
            r"conv1_1.bias holds numbers that are not finite",
        ),
        (
            pickled(published() | {"features.2.bias": torch.tensor([0.0] * 23 + [-torch.inf])}),
            r"conv1_2.bias holds numbers that are not finite",
        ),
        (
            pickled(published() | {"features.0.bias": torch.zeros(24, dtype=torch.int64)}),
            r"conv1_1.bias does not hold plain floating point numbers",
        ),
        (
            pickled(published() | {"features.0.bias": torch.zeros(24).to_sparse()}),
            r"conv1_1.bias does not hold plain floating point numbers",
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(
    content: bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "bad.pth"
    file.write_bytes(content)
    for attempt in attempts(file):
        with pytest.raises(WeightsError, match=message) as caught:
            attempt()
        assert caught.value.message.startswith(str(file))
        assert caught.value.message.endswith(".")
        assert caught.value.hint
    assert left() == set()


def test_files_that_are_none(tmp_path: Path) -> None:
    for file, message in (
        (tmp_path / "absent", "There is no"),
        (tmp_path, "Cannot read|is a folder"),
    ):
        for attempt in attempts(file):
            with pytest.raises(WeightsError, match=message):
                attempt()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda own: own,
        lambda own: {"state_dict": own, "optimizer": {"state": {0: {"step": torch.ones(1)}}}},
        lambda own: {"epoch": 3, "model_state_dict": own, "optimizer_state_dict": {"state": {}}},
        lambda own: {"model": {"state_dict": own}, "loss": torch.ones(())},
        lambda own: {"params": own, "params_ema": own},
        lambda own: {"any_name": own, "epoch": 3},
        lambda own: {f"module.{name}": value for name, value in own.items()},
        lambda own: {"net": {f"module.net.{name}": value for name, value in own.items()}},
    ],
)
def test_a_state_dict_is_found_however_it_is_wrapped(
    wrap: Callable[[dict[str, Tensor]], object], tmp_path: Path
) -> None:
    own = published()
    file = tmp_path / "wrapped.pth"
    file.write_bytes(pickled(wrap(own)))
    found = read(file).tensors
    assert set(found) == set(own)
    assert all(torch.equal(found[name], own[name]) for name in own)


def test_two_networks_in_one_file_are_none(tmp_path: Path) -> None:
    file = tmp_path / "two.pth"
    file.write_bytes(pickled({"generator": published(), "discriminator": published()}))
    with pytest.raises(WeightsError, match="holds no named tensors"):
        read(file)


@pytest.mark.parametrize(
    ("name", "inside", "format"),
    [
        ("net.pt", "net/code/__torch__/linear.py", "TorchScript"),
        ("net.pt2", "net/archive_format", "torch.export"),
        ("net.pt2", "serialized_exported_program.json", "torch.export"),
        ("net.t7", None, "Torch 7"),
        ("Net.MLMODEL", None, "Core ML"),
        ("net.onnx", None, "ONNX"),
    ],
)
def test_another_programs_format_is_named(
    name: str, inside: str | None, format: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    if inside is None:
        file.write_bytes(b"\x08\x07 whatever it is")
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(inside, "{}")
    with pytest.raises(WeightsError, match=f"another program's format, {format}"):
        read(file)
