"""A film that follows painted frames: a painter is trained for it, and paints what they lack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from artgen import images, video
from artgen.core.events import Note
from artgen.core.listeners import Control, Listener
from artgen.fast import model_files
from artgen.fast.inference import paint
from artgen.fast.keys import KEY
from artgen.fast.multi_style import Painter
from artgen.runs import films
from artgen.runs.following import Following
from artgen.runs.key_frames import KeyFrame, read_keys
from artgen.runs.propagation import Propagation
from artgen.runs.training_session import TrainingSession, check_same
from artgen.runtime import Runtime
from artgen.techniques.fast_apply import FastApply

__all__ = ["FollowedFilm", "Painted"]


@dataclass(frozen=True)
class Painted:
    """The painted frames of a film.

    Attributes:
        keys: their files, each with its place or without; see `key_frames`.
        masks: files, one for each key, or none.
        names: names for the keys' files, in recipes; their own if there are none.
        propagate: whether the keys themselves are put into the film, where it shows what they do.
    """

    keys: Sequence[str]
    masks: Sequence[str] = ()
    names: Sequence[str] = ()
    propagate: bool = True


class FollowedFilm:
    """One film: a painter is trained for it, which then paints it.

    The folder OUT.part has all that is unfinished: the checkpoint, the painter, the film.

    Args:
        settings: of the training.
        clip, first: the film, as `films.load` returns it.
        painted: its painted frames.
        path: of the film to write.
        sheet_path: of a picture of the keys as they are learnt.

    Attributes:
        parts: the folder OUT.part.
        network: the painter's file, while the film is unfinished.
        known: what is known of each frame; see `films.shoot`.
        about: see `Recipe.follow`; filled by `train`.
    """

    def __init__(
        self,
        settings: Following,
        clip: video.Clip,
        first: images.Loaded,
        painted: Painted,
        path: Path,
        sheet_path: Path,
    ) -> None:
        self.settings, self.clip, self.first = settings, clip, first
        self.painted, self.path, self.sheet_path = painted, path, sheet_path
        self.parts = path.with_name(path.name + ".part")
        self.network = self.parts / "painter.safetensors"
        self.known: films.Known = films.nothing_known
        self.about: Mapping[str, Any] = {}

    def train(
        self,
        runtime: Runtime,
        flow: str,
        minutes: float,
        shown: Listener,
        control: Control,
        seen: Callable[[Tensor], None] = lambda sheet: None,
    ) -> bool:
        """Train the painter, or go on with it; whether it is done.

        Args:
            runtime: device, precision and seed.
            flow: what estimates the optical flow; see `techniques.common.options.Flow`.
            minutes: between checkpoints.
            shown, control: as for `execute`.
            seen: is called with each picture of the keys as they are learnt, (1, 3, H, W).

        Raises:
            UsageError: for keys that do not fit the film, or an unfinished film of others.
            PictureError: for a file that cannot be read.
        """
        keys = self._keys(runtime, shown)
        self.about = {
            **asdict(self.settings),
            "propagate": self.painted.propagate,
            "keys": [_named(key) for key in keys],
        }
        about = self._trained_on(keys, runtime.seed)
        propagation = Propagation(self.clip, keys, runtime.flow(flow))
        if self.painted.propagate:
            self.known = propagation
        if self.network.exists():
            check_same(model_files.load(self.network).said, about, self.network)
            return True

        def learnt(painter: Painter) -> Tensor:
            sheet = _learnt(painter, keys)
            seen(sheet)
            return sheet

        beside = list(propagation.beside())
        session = TrainingSession(
            self.settings.trainer(keys, beside, runtime),
            *(self.network, about, minutes, learnt, self.sheet_path),
        )
        self.parts.mkdir(exist_ok=True)
        session.go_on(shown)
        return session.run(runtime, shown, control) is not None

    def _keys(self, runtime: Runtime, shown: Listener) -> list[KeyFrame]:
        """The keys, their files under the names that they are given."""
        keys, painted = list[KeyFrame](), self.painted
        found = read_keys(self.clip, painted.keys, painted.masks, runtime, self.settings.net)
        for one in found:
            if isinstance(one, Note):
                shown.note(one.sentence)
            elif painted.names:
                key, *masks = one.files
                named = replace(key, path=Path(painted.names[len(keys)]))
                keys.append(replace(one, files=[named, *masks]))
            else:
                keys.append(one)
        return keys

    def _trained_on(self, keys: Sequence[KeyFrame], seed: int) -> dict[str, Any]:
        """What the painter's training depends on."""
        return {
            **asdict(self.settings),
            "seed": seed,
            "propagate": self.painted.propagate,
            "film": self.first.sha256,
            "keys": {str(key.index): " ".join(file.sha256 for file in key.files) for key in keys},
        }

    def painting(self, painted: FastApply, network: Path | None = None) -> FastApply:
        """Settings that paint the film, once the painter is trained.

        Args:
            painted: says how, but for the painter and its style.
            network: where else the painter is to be written.
        """
        if network is not None:
            model_files.write(self.network.read_bytes(), network)
        return replace(painted, style=KEY, painter=str(network or self.network))


def _named(key: KeyFrame) -> dict[str, Any]:
    """A key as a recipe has it."""
    painted, *masks = ({"name": one.path.name, "sha256": one.sha256} for one in key.files)
    return {"frame": key.index, **painted, **({"mask": masks[0]} if masks else {})}


def _learnt(painter: Painter, keys: Sequence[KeyFrame]) -> Tensor:
    """Each key, and its frame as a painter has learnt to paint it: (1, 3, H, W)."""
    rows = []
    for key in keys:
        frame = key.frame.to(painter.photo_gain.device)
        *_, (_, _, made) = paint(painter, frame, painter.mix({KEY: 1.0}))
        rows.append(torch.cat([key.painted, made.cpu()], -1))
    return torch.cat(rows, -2)
