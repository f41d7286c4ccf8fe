"""A package that is missing: what needs it, and how to get it."""

from __future__ import annotations

import pytest

from artgen.core.optional import require
from artgen.errors import UsageError


def test_what_is_there_is_no_matter() -> None:
    require("json", "see", "A saliency")


def test_what_is_missing_is_named_with_its_extra() -> None:
    with pytest.raises(UsageError, match="A saliency needs the package no_such_package") as caught:
        require("no_such_package", "see", "A saliency")
    assert "pip install 'artgen[see]'" in caught.value.hint
