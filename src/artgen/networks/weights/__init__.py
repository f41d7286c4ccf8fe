"""Network weights: lookup, download, verification, conversion, cache; no code in them is run.

They are looked up in this order: the file a caller names, the package or the user's cache, a
download. The cache holds safetensors files written by artgen: the layers a network needs, in
float32, under the names of its chain. The same weights give the same bytes, and so the same
SHA-256, on every machine, however they were obtained.

Two environment variables are read: ARTGEN_HOME, the folder of the cache, and ARTGEN_MIRRORS,
addresses separated by commas that are tried before the published one; a mirror keeps the published
file under its published name.
"""

from artgen.networks.weights.importing import import_file
from artgen.networks.weights.lookup import Network, fetch, load, status, verify
from artgen.networks.weights.preprocessing import PREPROCESSINGS, folding_caffe
from artgen.networks.weights.source import Offer, Origin, Part, Source, Status, Watcher
from artgen.networks.weights.store import where

__all__ = [
    "PREPROCESSINGS",
    "Network",
    "Offer",
    "Origin",
    "Part",
    "Source",
    "Status",
    "Watcher",
    "fetch",
    "folding_caffe",
    "import_file",
    "load",
    "status",
    "verify",
    "where",
]
