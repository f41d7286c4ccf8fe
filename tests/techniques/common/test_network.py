"""Settings of the network that looks: which it is, and what of it can be asked for."""

from __future__ import annotations

import pytest

from artgen.errors import UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.common.network import NetworkSettings, Pooled, channelled


def test_sheets_name_a_network_without_its_version() -> None:
    assert NetworkSettings("slim@1").named == "slim"
    assert NetworkSettings("slim").file is None


def test_what_wraps_round_is_seen_so_and_pools_as_it_is_told(runtime: Runtime) -> None:
    found = Pooled("tiny", pooling="average").eye(runtime, wraps=True)
    assert found.padding == "circular"
    assert found.chain.get_submodule("pool1").kind == "average"
    assert Pooled("tiny").eye(runtime).padding == "replicate"


def test_the_picture_itself_has_no_channels(tiny: FeatureExtractor) -> None:
    assert channelled(tiny, "block2_conv1") == "relu2_1"
    with pytest.raises(UsageError, match="has no channels"):
        channelled(tiny, "image")
