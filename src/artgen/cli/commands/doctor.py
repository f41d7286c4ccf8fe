"""Report what artgen finds on this machine, and what is missing."""

from __future__ import annotations

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

# Extra of artgen -> the modules that it brings, and what they are for.
EXTRAS: dict[str, tuple[tuple[str, ...], str]] = {
    "studio": (("starlette", "uvicorn"), "for artgen studio, the page in the browser"),
    "see": (("captum", "sklearn", "cv2"), "for artgen see saliency, occlusion, map and cutout"),
    "video": (("cv2",), "for films with a faster and better optical flow"),
    "export": (("onnx", "onnxscript", "onnxruntime"), "for artgen fast export --to onnx"),
    "heic": (("pillow_heif",), "to read HEIC pictures"),
    "raw": (("rawpy",), "to read camera raw pictures"),
    "keras": (("h5py",), "to import networks from Keras's files"),
    "ray": (("ray",), "for --cluster, pictures on many machines"),
}


@app.command(
    help="Report what artgen finds on this machine: versions, devices, cache, what is missing."
)
def doctor() -> None:
    """Print one fact a line."""
    import importlib.util
    import platform

    import torch

    from artgen._version import __version__
    from artgen.cli.config import config_file
    from artgen.networks import catalogue, weights
    from artgen.optim.threads import Threads
    from artgen.runs.gallery import shipped_styles
    from artgen.runtime import Runtime, devices

    auto, threads = Runtime(), Threads()
    here: dict[bool, list[str]] = {True: [], False: []}
    for one in catalogue.networks():
        here[weights.status(one.name, one.source).present].append(one.name)
    facts = {
        "artgen": __version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "torch": torch.__version__,
        "devices": ", ".join(devices()),
        "in use": f"{auto.torch_device}, {auto.precision_name}",
        "threads": " ".join(filter(None, (threads.sentence, threads.trouble))),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "weights": str(weights.where()),
        "networks": ", ".join(here[True]),
        "to fetch": ", ".join(here[False]) + ": artgen nets fetch NAME" if here[False] else "none",
        "defaults": str(config_file()) + ("" if config_file().exists() else " (none set)"),
        "styles": ", ".join(shipped_styles()) or "none found: the installation is broken",
    }
    for name, fact in facts.items():
        print(f"{name:10} {fact}")
    for extra, (modules, purpose) in EXTRAS.items():
        if any(importlib.util.find_spec(module) is None for module in modules):
            print(f"{'missing':10} {purpose}: pip install 'artgen[{extra}]'")
