"""The runtime: a device that is there, a precision it has, one seed, extractors built once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from artgen import runtime as module
from artgen.core.events import Provenance
from artgen.errors import DeviceError, UsageError
from artgen.optim import memory
from artgen.optim.threads import Threads
from artgen.runtime import FRAME, PRECISIONS, Runtime, devices


@pytest.fixture
def cpu_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "devices", lambda: ["cpu"])


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "devices", lambda: ["cuda:0", "cuda:1", "cpu"])
    monkeypatch.setattr(module, "_fast_bfloat16", lambda device: device.type == "cuda")


def test_the_cpu_is_always_there_and_comes_last() -> None:
    assert devices()[-1] == "cpu"
    assert len(set(devices())) == len(devices())


@pytest.mark.parametrize("absent", ["cuda", "cuda:7", "mps", "xpu", "gpu", "CPU", "", "cpu:3"])
@pytest.mark.usefixtures("cpu_only")
def test_an_absent_device_is_refused_with_those_there_are(absent: str) -> None:
    with pytest.raises(DeviceError, match=f"no device {absent!r} here") as caught:
        Runtime(absent)
    assert "This machine has: cpu." in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "got"),
    [("auto", "cuda:0"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1"), ("cpu", "cpu")],
)
@pytest.mark.usefixtures("two_gpus")
def test_a_device_is_found_by_name(asked: str, got: str) -> None:
    assert str(Runtime(asked).torch_device) == got


@pytest.mark.usefixtures("two_gpus")
def test_auto_takes_bfloat16_where_it_is_fast() -> None:
    assert Runtime("cuda").precision_name == "bfloat16"
    assert Runtime("cpu").precision_name == "float32"


@pytest.mark.parametrize("precision", PRECISIONS)
def test_precision_is_that_of_the_convolutions_only(precision: str, photo: Tensor) -> None:
    here = Runtime("cpu", precision)
    assert here.precision_name == precision
    extractor = here.extractor("tiny")
    assert extractor.dtype == PRECISIONS[precision]
    assert extractor.mean.dtype == torch.float32
    features = extractor(photo, ["relu1_1"])
    assert features["relu1_1"].dtype == PRECISIONS[precision]
    assert features["image"].dtype == torch.float32


@pytest.mark.parametrize("precision", ["float8", "half", "", "Float32"])
def test_an_unknown_precision_is_refused(precision: str) -> None:
    with pytest.raises(DeviceError, match="There is no precision") as caught:
        Runtime("cpu", precision)
    assert "auto, float32, bfloat16, float16, float64" in caught.value.hint


def test_apples_gpu_has_no_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "devices", lambda: ["mps", "cpu"])
    with pytest.raises(DeviceError, match="no float64"):
        Runtime("mps", "float64")
    assert Runtime("mps").precision_name == "float32"


def test_an_extractor_is_built_once_for_each_way_of_asking(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = []
    real = module.FeatureExtractor

    def counted(*args: object, **kwargs: object) -> object:
        built.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(module, "FeatureExtractor", counted)
    ways = [{}, {"pooling": "average"}, {"padding": "circular"}, {"pooling": "l2"}]
    first = [runtime.extractor("tiny", **way) for way in ways]
    again = [runtime.extractor("tiny", **way) for way in ways]
    assert runtime.extractor("tiny", padding="replicate", pooling="max") is first[0]
    assert len(built) == len({id(one) for one in first}) == 4
    assert all(a is b for a, b in zip(first, again, strict=True))


def test_two_runtimes_share_nothing(runtime: Runtime) -> None:
    assert runtime.extractor("tiny") is not Runtime("cpu", "float32").extractor("tiny")


def test_an_unknown_network_gets_a_guess(runtime: Runtime) -> None:
    with pytest.raises(UsageError, match="Did you mean 'tiny'"):
        runtime.extractor("tinny")


def test_networks_say_what_they_are(runtime: Runtime) -> None:
    extractor = runtime.extractor("tiny")
    assert extractor.provenance(64) == Provenance("tiny", extractor.origin.sha256, 64)
    painter = runtime.painter()
    assert runtime.painter() is painter
    assert painter.provenance == Provenance("painter", painter.origin.sha256)
    decoder, origin = runtime.decoder()
    assert runtime.decoder()[0] is decoder
    assert len(origin.sha256) == 64


def test_two_weights_of_one_network_say_so(runtime: Runtime, tmp_path: Path) -> None:
    first = runtime.extractor("tiny")
    file = tmp_path / "mine.safetensors"
    save_file(
        {name: (value + 1).contiguous() for name, value in first.chain.state_dict().items()}, file
    )
    other = runtime.extractor("tiny", file=file)
    assert other.origin != first.origin
    assert other.provenance().sha256 == other.origin.sha256
    assert runtime.extractor("tiny") is first


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_a_seed_gives_the_same_noise_every_time(seed: int) -> None:
    one, two = (torch.rand(9, generator=Runtime("cpu", seed=seed).generator()) for _ in range(2))
    other = torch.rand(9, generator=Runtime("cpu", seed=seed ^ 5).generator())
    assert one.equal(two)
    assert not one.equal(other)


def test_noise_does_not_depend_on_what_was_drawn_before(runtime: Runtime) -> None:
    torch.rand(5)
    one = torch.rand(9, generator=runtime.generator())
    state = torch.get_rng_state()
    assert one.equal(torch.rand(9, generator=runtime.generator()))
    assert state.equal(torch.get_rng_state())  # nor is the caller's generator touched


@pytest.mark.parametrize("seed", [-1, 2**63, 2**64, 10**30])
def test_a_seed_no_generator_takes_is_refused(seed: int) -> None:
    with pytest.raises(UsageError, match=f"seed cannot be {seed}"):
        Runtime("cpu", seed=seed)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_noise_is_the_same_on_every_device() -> None:
    one, two = (torch.rand(9, generator=Runtime(d).generator()) for d in ("cpu", "cuda"))
    assert one.equal(two)


def test_a_missing_weights_file_is_named(runtime: Runtime, tmp_path: Path) -> None:
    from artgen.errors import WeightsError

    with pytest.raises(WeightsError, match="gone"):
        runtime.extractor("slim", file=tmp_path / "gone.safetensors")


def test_frames_are_made_side_by_side_where_threads_and_memory_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = Threads()
    threads.count = 3
    runtime = Runtime("cpu", threads=threads)
    assert runtime.side_by_side((360, 640)) == 3
    monkeypatch.setattr(memory, "available", lambda _=None: 2 * 360 * 640 * FRAME)
    assert runtime.side_by_side((360, 640)) == 1  # by all threads
    assert runtime.side_by_side((180, 320)) == 3
    assert Runtime("cpu").side_by_side((360, 640)) == 1
