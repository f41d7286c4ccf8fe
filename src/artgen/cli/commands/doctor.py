"""Report what artgen finds on this machine, and what is missing."""

from __future__ import annotations

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

EXTRAS = {
    "pillow_heif": "to read HEIC pictures: pip install pillow-heif",
    "h5py": "to import networks from Keras's files: pip install h5py",
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
    from artgen.networks import weights
    from artgen.networks.zoo import all_networks
    from artgen.optim.threads import Threads
    from artgen.runs.gallery import shipped_styles
    from artgen.runtime import Runtime, devices

    auto, threads = Runtime(), Threads()
    networks = all_networks()
    here = [name for name in networks if weights.status(name, networks.get(name).source).present]
    facts = {
        "artgen": __version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "torch": torch.__version__,
        "devices": ", ".join(devices()),
        "in use": f"{auto.torch_device}, {auto.precision_name}",
        "threads": " ".join(filter(None, (threads.sentence, threads.trouble))),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "weights": str(weights.where()),
        "networks": ", ".join(here),
        "styles": ", ".join(shipped_styles()) or "none found: the installation is broken",
    }
    for name, fact in facts.items():
        print(f"{name:10} {fact}")
    for module, hint in EXTRAS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{'missing':10} {hint}")
