"""The user's own defaults of options: a TOML file, with a table for each command.

    [all]
    device = "cpu"

    [style]
    size = 768

Tables are named as commands are (`[fast-apply]`), `all` is for every one that has the option. What
is given on the command line counts more, and so does what a preset has.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from artgen.core.files import write_whole
from artgen.core.toml import loads
from artgen.errors import UsageError, did_you_mean

__all__ = ["change", "config_file", "defaults_for", "read_config"]

EVERY = "all"


def config_file() -> Path:
    """The file; it need not exist."""
    home = os.environ.get("ARTGEN_HOME")
    folder = Path(home).expanduser() if home else user_config_path("artgen", False)
    return folder / "config.toml"


def read_config() -> dict[str, dict[str, Any]]:
    """Table -> option -> value; empty without a file.

    Raises:
        UsageError: for a file that cannot be read, or has anything but such tables.
    """
    path = config_file()
    try:
        tables = loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"The defaults in {path} cannot be read: {error}.") from error
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise UsageError(
                f"{path} has {name!r} outside of a table.", f"Write it below [{EVERY}] or [style]."
            )
    return tables


def defaults_for(command: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults that the file has for a command, by the names of its parameters.

    Args:
        command: its name, as `fast_apply`.
        options: its options by the names of their parameters.

    Raises:
        UsageError: for an option that the command does not have.
    """
    tables = read_config()
    known = {name.rstrip("_").replace("_", "-"): name for name in options}
    found = {}
    for table in (EVERY, command.replace("_", "-")):
        for key, value in tables.get(table, {}).items():
            word = key.replace("_", "-")
            if word in known:
                found[known[word]] = _text(value)
            elif table != EVERY:
                raise UsageError(
                    f"{config_file()} has {key!r} in [{table}], which is no option of it.",
                    did_you_mean(word, known),
                )
    return found


def change(table: str, key: str, value: str | None) -> None:
    """Set a default, or remove it (None), and write the file.

    Raises:
        UsageError: for a file that cannot be read.
    """
    import tomli_w

    tables = read_config()
    if value is None:
        tables.get(table, {}).pop(key, None)
    else:
        tables.setdefault(table, {})[key] = _typed(value)
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, tomli_w.dumps({k: v for k, v in tables.items() if v}).encode())


def _text(value: Any) -> Any:
    """A value as the command line has it: a list of numbers is `1,2`."""
    if isinstance(value, list) and value and not isinstance(value[0], str):
        return ",".join(map(str, value))
    return value


def _typed(text: str) -> Any:
    """`768` as a number, `true` as true, anything else as text."""
    try:
        return loads(f"value = {text}")["value"]
    except ValueError:
        return text
