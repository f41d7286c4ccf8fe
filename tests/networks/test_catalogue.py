"""The catalogue has every network with weights, and finds each by its name."""

from __future__ import annotations

import re

import pytest

from artgen.errors import UsageError
from artgen.networks import catalogue
from artgen.networks.raft import RAFT
from artgen.networks.zoo import all_networks


def test_it_has_the_networks_for_features_and_the_one_for_optical_flow() -> None:
    found = catalogue.networks()
    assert [one.name for one in found] == [*all_networks(), RAFT.name]
    assert [catalogue.named(one.name) for one in found] == found


def test_an_earlier_version_is_found_by_its_full_name() -> None:
    slim = catalogue.named("slim")
    assert [catalogue.named(one.full_name) for one in slim.earlier] == list(slim.earlier)


@pytest.mark.parametrize("name", ["rafts", "slim@9", ""])
def test_an_unknown_one_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=re.escape(repr(name))):
        catalogue.named(name)
